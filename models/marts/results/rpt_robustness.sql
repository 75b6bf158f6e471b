{% set replaces_the_t_test = "'city_bootstrap', 'wild_rademacher', 'jackknife', 'placebo'" %}
{{ behind_gate('results') }}
with model_fits as (

    select * from {{ ref('fct_model_fits') }}

),

coefficients as (

    select * from {{ ref('fct_coefficients') }}

),

resampled as (

    select * from {{ ref('fct_resampled_inference') }}

),

rotemberg_weights as (

    select * from {{ ref('fct_rotemberg_weights') }}

),

diagnostics as (

    select * from {{ ref('fct_fit_diagnostics') }}

),

fits as (

    select * from model_fits
    where
        -- What is laid out as printed, and interactions with what stands beside them, have tables of their own.
        not starts_with(table_id, 'table_')
        and table_id not in (select model_fits.table_id from model_fits where model_fits.design = 'interaction')
        and design not in ('event_study', 'specification_curve', 'group_difference', 'mediation')

),

estimates as (

    select
        coefficients.spec_id,
        'cluster_t' as inference,
        coefficients.estimate,
        coefficients.std_error,
        coefficients.p_value,
        coefficients.conf_low,
        coefficients.conf_high,
        null::bigint as n_obs,
        null::bigint as n_clusters
    from coefficients
    inner join fits on coefficients.spec_id = fits.spec_id and coefficients.term = fits.treatment
    union all
    select
        spec_id,
        method as inference,
        estimate,
        std_error,
        p_two_sided as p_value,
        conf_low,
        conf_high,
        n_obs,
        n_clusters
    from resampled
    where method in ({{ replaces_the_t_test }})
    union all
    select distinct
        spec_id,
        'rotemberg' as inference,
        estimate,
        null as std_error,
        null as p_value,
        null as conf_low,
        null as conf_high,
        n_obs,
        null as n_clusters
    from rotemberg_weights
    where status = 'estimated'

),

final as (

    select
        fits.table_id,
        fits.column_id,
        (row_number() over (
            partition by fits.table_id order by try_cast(fits.column_id as integer), fits.column_id
        ))::integer as position,
        fits.spec_id,
        fits.note as what,
        fits.outcome,
        fits.treatment,
        fits.fixed_effects,
        fits.cluster,
        estimates.inference,
        estimates.estimate,
        estimates.std_error,
        estimates.p_value,
        estimates.conf_low,
        estimates.conf_high,
        {{ coefficient_cell('estimates.estimate', 'estimates.std_error', 'estimates.p_value') }} as cell,
        coalesce(fits.n_obs, estimates.n_obs) as n_obs,
        coalesce(fits.n_clusters, estimates.n_clusters) as n_clusters,
        coalesce(fits.r2_within, fits.r2) as r2,
        fits.n_selected,
        fits.rows_left_out,
        diagnostics.n_effective_clusters,
        diagnostics.pre_trend_p_value,
        diagnostics.pre_trend_p_value_cohorts,
        diagnostics.max_absolute_bias,
        diagnostics.first_stage_estimate,
        diagnostics.effective_f,
        diagnostics.effective_f_critical,
        diagnostics.anderson_rubin_set,
        diagnostics.remark,
        fits.status,
        fits.reason,
        {{ data_origin() }} as data_origin
    from fits
    left join estimates on fits.spec_id = estimates.spec_id
    left join diagnostics on fits.spec_id = diagnostics.spec_id

)

select * from final
order by table_id, position
