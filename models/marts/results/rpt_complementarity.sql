{{ behind_gate('results') }}
with model_fits as (

    select * from {{ ref('fct_model_fits') }}

),

coefficients as (

    select * from {{ ref('fct_coefficients') }}

),

diagnostics as (

    select * from {{ ref('fct_fit_diagnostics') }}

),

-- Tables that hold an interaction, with the regressions that stand beside it.
fits as (

    select * from model_fits
    where table_id in (select model_fits.table_id from model_fits where model_fits.design = 'interaction')

),

final as (

    select
        fits.table_id,
        fits.column_id,
        fits.spec_id,
        fits.note as what,
        coefficients.term,
        coefficients.estimate,
        coefficients.std_error,
        coefficients.p_value,
        {{ coefficient_cell('coefficients.estimate', 'coefficients.std_error', 'coefficients.p_value') }} as cell,
        fits.n_obs,
        fits.r2_within,
        diagnostics.n_effective_clusters,
        diagnostics.remark,
        fits.status,
        fits.reason,
        {{ data_origin() }} as data_origin
    from fits
    left join coefficients
        on fits.spec_id = coefficients.spec_id
            and (
                coefficients.term = fits.treatment
                or coefficients.term = fits.moderator
                or coefficients.term = fits.treatment || ':' || fits.moderator
            )
    left join diagnostics on fits.spec_id = diagnostics.spec_id

)

select * from final
order by table_id, column_id, term
