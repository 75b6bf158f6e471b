{# Event studies laid out: a row per year around the first treated one, then the tests. #}
{% set estimators = ['two_way_fixed_effects', 'sun_abraham'] %}
{{ behind_gate('results') }}
with points as (

    select * from {{ ref('fct_event_study') }}

),

specifications as (

    select * from {{ ref('int_specs_checked') }}

),

diagnostics as (

    select * from {{ ref('fct_fit_diagnostics') }}

),

-- One row per specification and estimator: what is said of all its years.
studies as (

    select distinct
        spec_id,
        estimator,
        status,
        reason,
        left_out,
        n_obs,
        n_clusters,
        pre_trend_f,
        pre_trend_p_value,
        mean_effect,
        mean_effect_std_error,
        mean_effect_p_value
    from points

),

cells as (

    select
        spec_id,
        1 as section,
        event_time as line,
        event_time || case
            when not is_binned then ''
            when event_time < 0 then ' or earlier'
            else ' or later'
        end as row_label,
        estimator,
        case when is_base then 'base year' else {{ coefficient_cell('estimate', 'std_error', 'p_value') }} end as cell
    from points
    where event_time is not null
    {%- for label, cell in [
        ('Mean effect after treatment', coefficient_cell('mean_effect', 'mean_effect_std_error', 'mean_effect_p_value')),
        ('Pre-trend: F that all leads are zero', "printf('%.2f', pre_trend_f) || ' (' || " ~ p_in_words('pre_trend_p_value') ~ " || ')'"),
        ('N', "case when status = 'estimated' then format('{:,}', n_obs) else 'not estimable: ' || reason end"),
        ('Clusters', "n_clusters::varchar"),
        ('Left out', 'left_out'),
    ] %}
    union all
    select
        spec_id,
        2 as section,
        {{ loop.index }} as line,
        '{{ label }}' as row_label,
        estimator,
        {{ cell }} as cell
    from studies
    {%- endfor %}

),

final as (

    select
        cells.spec_id,
        (row_number() over (partition by cells.spec_id order by cells.section, cells.line))::integer as row_number,
        specifications.policy_id,
        specifications.note as what,
        specifications.outcome,
        cells.row_label,
        {%- for estimator in estimators %}
        max(cells.cell) filter (where cells.estimator = '{{ estimator }}') as {{ estimator }},
        {%- endfor %}
        diagnostics.remark,
        {{ data_origin() }} as data_origin
    from cells
    inner join specifications on cells.spec_id = specifications.spec_id
    left join diagnostics on cells.spec_id = diagnostics.spec_id
    group by
        cells.spec_id,
        cells.section,
        cells.line,
        cells.row_label,
        specifications.policy_id,
        specifications.note,
        specifications.outcome,
        diagnostics.remark

)

select * from final
order by spec_id, row_number
