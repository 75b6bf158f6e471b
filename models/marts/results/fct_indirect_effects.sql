with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_indirect_effects') }}

)

select * from final
