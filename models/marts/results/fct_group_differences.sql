with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_group_differences') }}

)

select * from final
