{# Which of the variables that may decide on the sample each study city-year has. `resi` needs every used
   indicator; `vagg` needs a member count and digital coefficients. #}
-- depends_on: {{ ref('resilience_indicators') }}
{% set computed_controls = sample_candidates() | reject('in', ['resi', 'vagg']) | list %}
{% set resilience_indicators = indicators('resilience') %}
with controls as (

    select * from {{ ref('int_controls_computed') }}
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
    {{ used_indicators('coverage', resilience_indicators) }}
),

coefficient_years as (

    select distinct year from digital_coefficients

),

final as (

    select
        controls.city_code,
        controls.year,
        (
            {{ has_every_used(resilience_indicators, 'indicator_values') }}
        ) and (
            {%- for indicator in resilience_indicators %}
            {{ 'or ' if not loop.first }}used.{{ indicator.indicator_id }}
            {%- endfor %}
        ) as has_resi,
        members.members is not null and coefficient_years.year is not null as has_vagg,
        {%- for variable in computed_controls %}
        controls.{{ variable }} is not null as has_{{ variable }}{{ ',' if not loop.last }}
        {%- endfor %}
    from controls
    cross join used
    left join coefficient_years on controls.year = coefficient_years.year
    left join indicator_values
        on controls.city_code = indicator_values.city_code and controls.year = indicator_values.year
    left join members
        on controls.city_code = members.city_code and controls.year = members.year

)

select * from final
