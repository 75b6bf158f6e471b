with estimates as (

    select * from {{ ref('est_coefficients') }}

),

final as (

    select
        spec_id,
        table_id,
        column_id,
        design,
        outcome,
        term,
        estimate,
        std_error,
        statistic,
        p_value,
        conf_low,
        conf_high,
        {{ data_origin() }} as data_origin
    from estimates
    where term is not null

)

select * from final
