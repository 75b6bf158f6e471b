with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_placebo_draws') }}

)

select * from final
