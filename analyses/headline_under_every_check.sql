-- Question: how does the headline estimate hold up: which checks keep its sign, and which its
-- significance?
-- Grain: check of the same outcome and treatment; the inference behind p is named.
with headline as (

    select
        fits.outcome,
        fits.treatment,
        coefficients.estimate
    from {{ ref('fct_model_fits') }} as fits
    inner join {{ ref('fct_coefficients') }} as coefficients
        on fits.spec_id = coefficients.spec_id and fits.treatment = coefficients.term
    where fits.spec_id = 't3_4'

),

final as (

    select
        checks.what,
        checks.inference,
        checks.cell,
        checks.conf_low,
        checks.conf_high,
        checks.n_obs,
        checks.data_origin,
        sign(checks.estimate) = sign(headline.estimate) as is_same_sign,
        checks.p_value < 0.05 as is_significant
    from {{ ref('rpt_robustness') }} as checks
    inner join headline on checks.outcome = headline.outcome and checks.treatment = headline.treatment
    where checks.status = 'estimated'

)

select * from final
order by what
