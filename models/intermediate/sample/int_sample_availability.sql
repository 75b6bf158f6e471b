{# Which of the variables that may decide on the sample each study city-year has: a variable by its value, an
   index by every used indicator, `vagg` by a member count and digital coefficients. #}
-- depends_on: {{ ref('resilience_indicators') }}
-- depends_on: {{ ref('index_indicators') }}
-- depends_on: {{ ref('index_definitions') }}
{% set candidates = sample_candidates() %}
{% set by_value = candidates | rejectattr('source_kind') | map(attribute='definition') | list %}
{% set by_index = candidates | selectattr('source_kind', 'equalto', 'index') | list %}
{% set members = indicators_by_index() if by_index else {} %}
{% set all_indicators = [] %}
{% for variable in by_index %}{% do all_indicators.extend(members.get(variable.source_column, [])) %}{% endfor %}
{% set by_measure = candidates | selectattr('source_kind', 'equalto', 'measure') | list %}
-- Which joined columns there are is written from seeds, which the linter has not.
-- noqa: disable=ST11
with variables as (

    select * from {{ ref('int_variables_early') }}
    where {{ in_study_years() }}

),

indicator_values as (

    select * from {{ ref('int_indicators_computed') }}

),

coverage as (

    select * from {{ ref('int_indicator_coverage') }}

),

members as (

    select * from {{ ref('int_city_members') }}

),

digital_coefficients as (

    select * from {{ ref('int_digital_coefficients') }}

),

used as (
    {{ used_indicators('coverage', all_indicators | unique(attribute='indicator_id')) }}
),

coefficient_years as (

    select distinct year from digital_coefficients

),

final as (

    select
        variables.city_code,
        variables.year
        {%- for variable in by_index %}
        {%- set its_indicators = members.get(variable.source_column, []) %},
        (
            {{ has_every_used(its_indicators, 'indicator_values') }}
        ) and (
            {%- for indicator in its_indicators %}
            {{ 'or ' if not loop.first }}used.{{ indicator.indicator_id }}
            {%- else %}
            false
            {%- endfor %}
        ) as has_{{ variable.definition }}
        {%- endfor %}
        {%- for variable in by_measure %},
        members.members is not null and coefficient_years.year is not null as has_{{ variable.definition }}
        {%- endfor %}
        {%- for variable in by_value %},
        variables.{{ variable }} is not null as has_{{ variable }}
        {%- endfor %}
    from variables
    cross join used
    left join coefficient_years on variables.year = coefficient_years.year
    left join indicator_values
        on variables.city_code = indicator_values.city_code and variables.year = indicator_values.year
    left join members
        on variables.city_code = members.city_code and variables.year = members.year

)

select * from final
