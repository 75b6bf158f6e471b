with estimates as (

    select * from {{ ref('est_coefficients') }}

),

specifications as (

    select * from {{ ref('int_specs_checked') }}

),

final as (

    select
        estimates.spec_id,
        specifications.table_id,
        specifications.column_id,
        specifications.design,
        specifications.outcome,
        estimates.term,
        estimates.estimate,
        estimates.std_error,
        estimates.statistic,
        estimates.p_value,
        estimates.conf_low,
        estimates.conf_high,
        {{ data_origin() }} as data_origin
    from estimates
    inner join specifications on estimates.spec_id = specifications.spec_id
    where estimates.term is not null

)

select * from final
