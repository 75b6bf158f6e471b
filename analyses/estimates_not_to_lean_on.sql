-- Question: which estimates look significant and carry a remark that could overturn them?
-- Grain: specification with p < 0.05 for its treatment and a remark, by table.
with estimates as (

    select
        fits.table_id,
        fits.spec_id,
        fits.outcome,
        fits.treatment,
        coefficients.estimate,
        coefficients.p_value,
        coefficients.data_origin
    from {{ ref('fct_model_fits') }} as fits
    inner join {{ ref('fct_coefficients') }} as coefficients
        on fits.spec_id = coefficients.spec_id and fits.treatment = coefficients.term

),

final as (

    select
        estimates.table_id,
        estimates.spec_id,
        estimates.outcome,
        estimates.treatment,
        round(estimates.estimate, 5) as estimate,
        round(estimates.p_value, 4) as p_value,
        diagnostics.remark,
        estimates.data_origin
    from estimates
    inner join {{ ref('fct_fit_diagnostics') }} as diagnostics on estimates.spec_id = diagnostics.spec_id
    where estimates.p_value < 0.05 and diagnostics.remark is not null

)

select * from final
order by table_id, spec_id
