with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_covariate_balance') }}

)

select * from final
