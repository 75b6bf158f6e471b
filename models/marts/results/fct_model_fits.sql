{# One row per specification, whichever table its numbers are in. #}
{% set diagnostics = [
    'n_effective_clusters', 'pre_trend_p_value', 'pre_trend_p_value_cohorts', 'no_pre_trend',
    'kleibergen_paap_lm', 'lm_p_value',
    'ols_estimate', 'ols_std_error', 'first_stage_estimate', 'first_stage_std_error',
    'reduced_form_estimate', 'reduced_form_std_error', 'first_stage_f', 'effective_f',
    'effective_f_critical', 'anderson_rubin_shape', 'anderson_rubin_low', 'anderson_rubin_high',
    'instrument_surviving_share', 'n_instruments', 'hansen_j', 'hansen_j_p_value', 'sargan', 'sargan_p_value',
    'pseudo_r2', 'dispersion', 'average_partial_effect', 'n_separated', 'incidental_parameters',
    'n_treated_units', 'n_control_units',
    'matched_on_years', 'max_absolute_bias', 'n_unscored_units', 'n_unmatched_units', 'n_tied_matches',
    'matching_left_out', 'n_left_out_pilots', 'left_out_pilots',
] %}
{# Designs whose numbers stand in a table of their own, with the rows these name. #}
{% set side_tables = {
    'est_group_differences': 'n_obs_group_1 + n_obs_group_0',
    'est_indirect_effects': 'n_obs',
    'est_event_study': 'n_obs',
    'est_resampled_inference': 'n_obs',
    'est_rotemberg_weights': 'n_obs',
    'est_specification_curve': 'n_obs',
} %}
with coefficients as (

    select * from {{ ref('est_coefficients') }}

),

specifications as (

    select * from {{ ref('int_specs_checked') }}

),

{{ import_each(side_tables) }}

estimates as (

    select distinct
        spec_id,
        status,
        reason,
        n_obs,
        n_clusters,
        n_singletons,
        n_selected,
        rows_left_out,
        r2,
        r2_within,
        vcov_type,
        redundant_effects,
        absorbed_terms,
        {%- for column in diagnostics %}
        {{ column }},
        {%- endfor %}
        library_versions
    from coefficients

),

-- Estimated where any of their rows is.
side_estimates as (

    {% for model, n_obs in side_tables.items() %}
    select
        spec_id,
        -- Where estimators differ in their rows, those of the one that uses most.
        max({{ n_obs }}) as n_obs,
        max_by(n_clusters, {{ n_obs }}) as n_clusters,
        max_by(n_singletons, {{ n_obs }}) as n_singletons,
        case when bool_or(status = 'estimated') then 'estimated' else 'not_estimable' end as status,
        case when not bool_or(status = 'estimated') then min(reason) end as reason
    from {{ model }}
    group by spec_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

combined as (

    select * from estimates
    union all by name
    select * from side_estimates

),

final as (

    select
        specifications.spec_id,
        specifications.table_id,
        specifications.column_id,
        specifications.design,
        specifications.estimator,
        specifications.outcome,
        specifications.treatment,
        coalesce(specifications.controls, '') as controls,
        coalesce(specifications.fixed_effects, '') as fixed_effects,
        specifications.cluster,
        specifications.sample_filter,
        specifications.instrument,
        specifications.policy_id,
        specifications.batches,
        specifications.moderator,
        specifications.weights,
        specifications.event_window,
        specifications.formula,
        combined.status,
        combined.reason,
        combined.n_obs,
        combined.n_clusters,
        combined.n_singletons,
        combined.n_selected,
        combined.rows_left_out,
        combined.r2,
        combined.r2_within,
        combined.vcov_type,
        combined.redundant_effects,
        combined.absorbed_terms,
        {%- for column in diagnostics %}
        combined.{{ column }},
        {%- endfor %}
        specifications.n_draws::integer as n_draws,
        specifications.seed::integer as seed,
        -- One environment runs them all.
        coalesce(combined.library_versions, any_value(combined.library_versions) over ()) as library_versions,
        specifications.note,
        {{ data_origin() }} as data_origin
    from specifications
    inner join combined on specifications.spec_id = combined.spec_id

)

select * from final
