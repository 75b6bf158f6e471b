{{ config(post_hook='{{ comment_columns(this, study_comments()) }}') }}
{# Columns are the study's: attributes and groups of places, variables, dates of policies, splits. #}
{% set variables = variable_rows() %}
{% set sample_variables = sample_variables() %}
{% set splits = variables | selectattr('split_into') | list %}
{% set policies = policies_with_dates() %}
{{ behind_gate('panel') }}
-- Which joined columns there are is written from seeds, which the linter has not.
-- noqa: disable=ST11
with winsorized as (

    select * from {{ ref('int_panel_winsorized') }}

),

cities as (

    select * from {{ ref('dim_cities') }}

),

policy_timing as (

    select * from {{ ref('fct_policy_timing') }}

),

-- A sample variable the raw data cannot give at all must not empty the sample.
existing as (

    select
        {%- for variable in sample_variables %}
        count({{ variable }}) > 0 as has_{{ variable }},
        {%- endfor %}
        count(*) as n_rows
    from winsorized

),

timing as (

    select
        city_code
        {%- for policy in policies %}
        {%- set only = "filter (where policy_id = '" ~ policy ~ "')" %},
        max(first_full_year) {{ only }} as {{ policy }}_year,
        max(first_full_announced_year) {{ only }} as {{ policy }}_announced_year,
        max(first_partial_year) {{ only }} as {{ policy }}_partial_year
        {%- endfor %}
    from policy_timing
    group by city_code

),

joined as (

    select
        winsorized.city_code,
        winsorized.year,
        cities.city_name_en,
        cities.city_name_zh,
        {%- for attribute in place_attributes() %}
        cities.{{ attribute }},
        {%- endfor %}
        {%- for group in city_group_ids() %}
        coalesce(cities.{{ group }}, false) as {{ group }},
        {%- endfor %}
        {%- for variable in variables %}
        winsorized.{{ variable.definition }},
        {%- endfor %}
        {%- for policy in policies %}
        timing.{{ policy }}_year,
        timing.{{ policy }}_announced_year,
        timing.{{ policy }}_partial_year,
        {%- endfor %}
        true
        {%- for variable in sample_variables %}
        and (winsorized.{{ variable }} is not null or not existing.has_{{ variable }})
        {%- endfor %} as is_estimation_sample
    from winsorized
    cross join existing
    inner join cities on winsorized.city_code = cities.city_code
    left join timing on winsorized.city_code = timing.city_code

),

cuts as (

    select
        {%- for variable in splits %}
        {%- for group in range(1, variable.split_into | int) %}
        {{ stata_percentile(variable.definition, percent_below(group, variable.split_into)) }}
            as {{ variable.definition }}_cut_{{ group }},
        {%- endfor %}
        {%- endfor %}
        count(*) as n_rows
    from joined
    where is_estimation_sample

),

final as (

    -- Pooled over the estimation sample; a value on a cut belongs to the lower group.
    select
        joined.*,
        {%- for variable in splits %}
        case
            when joined.{{ variable.definition }} is null then null
            {%- for group in range(1, variable.split_into | int) %}
            when joined.{{ variable.definition }} <= cuts.{{ variable.definition }}_cut_{{ group }}
                then '{{ group_of_split(group, variable.split_into) }}'
            {%- endfor %}
            else '{{ group_of_split(variable.split_into | int, variable.split_into) }}'
        end as {{ variable.split_name }},
        {%- endfor %}
        {{ data_origin() }} as data_origin
    from joined
    cross join cuts

)

select * from final
