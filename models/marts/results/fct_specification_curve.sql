with specification_curve as (

    select * from {{ ref('est_specification_curve') }}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from specification_curve

)

select * from final
