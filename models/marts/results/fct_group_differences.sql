with group_differences as (

    select * from {{ ref('est_group_differences') }}

),

final as (

    select
        * exclude (null_draws),
        {{ data_origin() }} as data_origin
    from group_differences

)

select * from final
