with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_specification_curve') }}

)

select * from final
