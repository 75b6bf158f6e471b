with covariate_balance as (

    select * from {{ ref('est_covariate_balance') }}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from covariate_balance

)

select * from final
