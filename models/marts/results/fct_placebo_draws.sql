with placebo_draws as (

    select * from {{ ref('est_placebo_draws') }}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from placebo_draws

)

select * from final
