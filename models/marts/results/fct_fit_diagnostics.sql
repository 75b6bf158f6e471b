{# What could overturn each estimate, in numbers and in words. #}
{% set thresholds = [
    'pre_trend_p_value', 'max_absolute_bias', 'n_clusters', 'n_effective_clusters', 'lm_p_value',
    'instrument_surviving_share', 'share_of_singletons', 'share_of_failed_draws', 'overidentification_p_value',
    'share_of_separated',
] %}
with fits as (

    select * from {{ ref('fct_model_fits') }}

),

specifications as (

    select * from {{ ref('int_specs_checked') }}

),

resampled as (

    select * from {{ ref('fct_resampled_inference') }}

),

diagnostic_thresholds as (

    select * from {{ ref('diagnostic_thresholds') }}

),

policy_lists as (

    select * from {{ ref('fct_policy_lists') }}

),

limits as (

    select
        {%- for diagnostic in thresholds %}
        max(threshold) filter (where diagnostic = '{{ diagnostic }}') as {{ diagnostic }}{{ ',' if not loop.last }}
        {%- endfor %}
    from diagnostic_thresholds

),

draws as (

    select
        spec_id,
        max(failed_draws) as n_failed_draws,
        max(failed_draws / nullif(draws + failed_draws, 0)) as share_of_failed_draws,
        max(draws) as n_draws
    from resampled
    group by spec_id

),

-- A placebo shuffles the dates of a policy: what is known of the policy's own estimate holds for it.
policy_estimates as (

    select
        specifications.policy_id,
        specifications.timing,
        specifications.partial_pilots,
        coalesce(specifications.batches, '') as batches,
        specifications.outcome,
        specifications.sample_filter,
        coalesce(specifications.controls, '') as controls,
        min(fits.pre_trend_p_value) as pre_trend_p_value,
        min(fits.pre_trend_p_value_cohorts) as pre_trend_p_value_cohorts
    from fits
    inner join specifications on fits.spec_id = specifications.spec_id
    where fits.design = 'did' and fits.status = 'estimated'
    group by all

),

lists as (

    select
        specifications.spec_id,
        string_agg(lists.remark, '; ' order by lists.batch) as incomplete_lists
    from specifications
    inner join policy_lists as lists
        on list_contains(string_split(specifications.policy_id, ' '), lists.policy_id)
            and (
                coalesce(specifications.batches, '') = ''
                or list_contains(string_split(specifications.batches, ' '), lists.batch)
            )
    group by specifications.spec_id

),

gathered as (

    select
        fits.spec_id,
        fits.design,
        fits.status,
        fits.n_obs,
        fits.n_selected,
        fits.rows_left_out,
        fits.n_clusters,
        fits.n_effective_clusters,
        fits.n_singletons,
        fits.n_singletons / nullif(fits.n_obs + fits.n_singletons, 0) as share_of_singletons,
        fits.redundant_effects,
        fits.absorbed_terms,
        coalesce(fits.pre_trend_p_value, policy_estimates.pre_trend_p_value) as pre_trend_p_value,
        coalesce(fits.pre_trend_p_value_cohorts, policy_estimates.pre_trend_p_value_cohorts)
            as pre_trend_p_value_cohorts,
        case
            when fits.policy_id is not null and fits.design not in ('did', 'psm_did', 'event_study')
                and policy_estimates.policy_id is null
                then 'no row of design did has the same policy, dates, outcome, controls and sample'
            else fits.no_pre_trend
        end as no_pre_trend,
        fits.matched_on_years,
        fits.max_absolute_bias,
        fits.n_unscored_units,
        fits.n_unmatched_units,
        fits.first_stage_estimate,
        fits.first_stage_std_error,
        fits.effective_f,
        fits.effective_f_critical,
        fits.kleibergen_paap_lm,
        fits.lm_p_value,
        case fits.anderson_rubin_shape
            when 'bounded' then printf('[%.4g, %.4g]', fits.anderson_rubin_low, fits.anderson_rubin_high)
            when 'two_rays'
                then printf('all but (%.4g, %.4g)', fits.anderson_rubin_low, fits.anderson_rubin_high)
            when 'apart'
                then printf('intervals apart within [%.4g, %.4g]', fits.anderson_rubin_low, fits.anderson_rubin_high)
            when 'ray' then printf('a ray that ends at %.4g', fits.anderson_rubin_low)
            when 'unbounded' then 'the whole line'
            when 'empty' then 'empty'
        end as anderson_rubin_set,
        fits.instrument_surviving_share,
        fits.hansen_j,
        coalesce(fits.hansen_j_p_value, fits.sargan_p_value) as overidentification_p_value,
        fits.n_separated,
        fits.n_separated / nullif(fits.n_obs + fits.n_separated, 0) as share_of_separated,
        fits.dispersion,
        fits.incidental_parameters,
        -- Columns joined by ^ count, trends of a column in brackets do not.
        fits.design in ('did', 'psm_did', 'event_study')
            and not regexp_matches(coalesce(specifications.fixed_effects, ''), '(^|[ ^])year($|[ ^])')
            as lacks_effects_of_years,
        fits.design in ('did', 'psm_did', 'event_study')
            and not regexp_matches(
                coalesce(specifications.fixed_effects, ''),
                '(^|[ ^])(city_code|[a-z0-9_]+_year)($|[ ^]|[[][^[])'
            ) as lacks_effects_of_cities,
        draws.n_failed_draws,
        draws.share_of_failed_draws,
        draws.n_draws,
        fits.n_left_out_pilots,
        lists.incomplete_lists
    from fits
    inner join specifications on fits.spec_id = specifications.spec_id
    left join lists on fits.spec_id = lists.spec_id
    left join draws on fits.spec_id = draws.spec_id
    left join policy_estimates
        -- An estimate on a policy has tests of its own, on its own rows.
        on fits.design not in ('did', 'psm_did')
            and specifications.policy_id = policy_estimates.policy_id
            and specifications.timing = policy_estimates.timing
            and specifications.partial_pilots = policy_estimates.partial_pilots
            and coalesce(specifications.batches, '') = policy_estimates.batches
            and specifications.outcome = policy_estimates.outcome
            and specifications.sample_filter = policy_estimates.sample_filter
            and coalesce(specifications.controls, '') = policy_estimates.controls

),

remarked as (

    select
        gathered.*,
        nullif(concat_ws(
            '; ',
            case
                when least(gathered.pre_trend_p_value, gathered.pre_trend_p_value_cohorts) < limits.pre_trend_p_value
                    then 'pre-trend rejected ('
                        || {{ p_in_words('least(gathered.pre_trend_p_value, gathered.pre_trend_p_value_cohorts)') }}
                        || '): treated and other cities had moved apart before, this is not the effect of the policy'
                when gathered.no_pre_trend is not null then 'no pre-trend test: ' || gathered.no_pre_trend
            end,
            gathered.incomplete_lists,
            case
                when gathered.n_left_out_pilots > 0
                    then 'cities that only other batches treat, or treat earlier, are left out: '
                        || gathered.n_left_out_pilots
            end,
            case
                when gathered.max_absolute_bias > limits.max_absolute_bias
                    then printf('matched cities still differ: a standardized bias of %.1f%% is left (limit %.0f%%)',
                        gathered.max_absolute_bias, limits.max_absolute_bias)
            end,
            case
                when gathered.n_unmatched_units > 0
                    then 'treated cities without a match: ' || gathered.n_unmatched_units
            end,
            case
                when gathered.n_unscored_units > 0
                    then 'cities without a propensity score: ' || gathered.n_unscored_units
            end,
            case
                when gathered.effective_f < gathered.effective_f_critical
                    then printf('weak instrument: effective F %.1f below %.1f, estimate and stars cannot be read; '
                        || 'the Anderson-Rubin set is %s',
                        gathered.effective_f, gathered.effective_f_critical, gathered.anderson_rubin_set)
            end,
            case
                when gathered.lm_p_value > limits.lm_p_value
                    then 'that the instrument moves nothing is not rejected ('
                        || {{ p_in_words('gathered.lm_p_value') }}
                        || ')'
            end,
            case
                when gathered.first_stage_estimate < 0
                    then printf('the first stage is negative (%.4g): more of the instrument goes with less of the '
                        || 'treatment',
                        gathered.first_stage_estimate)
            end,
            case
                when gathered.instrument_surviving_share < limits.instrument_surviving_share
                    then printf('the effects absorb %.1f%% of the instrument''s variance',
                        100 * (1 - gathered.instrument_surviving_share))
            end,
            case
                when gathered.overidentification_p_value < limits.overidentification_p_value
                    then 'the instruments disagree ('
                        || {{ p_in_words('gathered.overidentification_p_value') }}
                        || '): at least one is not valid, or their effects differ'
            end,
            case
                when gathered.share_of_separated > limits.share_of_separated
                    then 'rows in levels of an effect whose outcomes are all at one edge, which tell nothing: '
                        || gathered.n_separated
            end,
            gathered.incidental_parameters,
            case
                when gathered.lacks_effects_of_years
                    then 'no effects of years: what changed everywhere at the time counts as the effect of the policy'
            end,
            case
                when gathered.lacks_effects_of_cities
                    then 'no effects of cities: lasting differences from other cities count as the effect of the policy'
            end,
            case
                when gathered.n_clusters < limits.n_clusters
                    then gathered.n_clusters || ' clusters: t tests over-reject'
                when gathered.n_effective_clusters < limits.n_effective_clusters
                    then printf('few of the %d clusters carry it: %.1f effective ones',
                        gathered.n_clusters, gathered.n_effective_clusters)
            end,
            case
                when gathered.share_of_singletons > limits.share_of_singletons
                    then 'rows alone in a level of an effect, which do not count: ' || gathered.n_singletons
            end,
            case
                when gathered.share_of_failed_draws > limits.share_of_failed_draws
                    then gathered.n_failed_draws || ' of ' || gathered.n_draws || ' draws failed'
            end,
            case
                when gathered.redundant_effects is not null
                    then 'the effects of ' || gathered.redundant_effects
                        || ' change nothing: a finer effect absorbs them'
            end,
            case
                when gathered.absorbed_terms is not null
                    then 'the effects absorb ' || gathered.absorbed_terms || ': only the product is estimated'
            end
        ), '') as remark
    from gathered
    cross join limits

),

final as (

    select
        * exclude (lacks_effects_of_years, lacks_effects_of_cities),
        {{ data_origin() }} as data_origin
    from remarked

)

select * from final
