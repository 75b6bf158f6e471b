with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_marginal_effects') }}

)

select * from final
