{# Which of the variables that may decide on the sample each study city-year has. `resi` needs every used
   indicator; `vagg` needs a member count and digital coefficients. #}
-- depends_on: {{ ref('resilience_indicators') }}
{% set computed_controls = sample_candidates() | reject('in', ['resi', 'vagg']) | list %}
with controls as (

    select * from {{ ref('int_controls_computed') }}
    where {{ in_study_years() }}

),

indicator_values as (

    select * from {{ ref('int_indicators_computed') }}

),

used as (

    select
        {%- for indicator in indicators('resilience') %}
        max(is_used::integer) filter (where indicator_id = '{{ indicator.indicator_id }}') = 1
            as {{ indicator.indicator_id }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_indicator_coverage') }}

),

coefficients as (

    select distinct year from {{ ref('int_digital_coefficients') }}

),

final as (

    select
        controls.city_code,
        controls.year,
        (
            {%- for indicator in indicators('resilience') %}
            {%- set column = indicator.indicator_id %}
            {{ 'and ' if not loop.first }}(not used.{{ column }} or indicator_values.{{ column }} is not null)
            {%- endfor %}
        ) and (
            {%- for indicator in indicators('resilience') %}
            {{ 'or ' if not loop.first }}used.{{ indicator.indicator_id }}
            {%- endfor %}
        ) as has_resi,
        members.members is not null and coefficients.year is not null as has_vagg,
        {%- for variable in computed_controls %}
        controls.{{ variable }} is not null as has_{{ variable }}{{ ',' if not loop.last }}
        {%- endfor %}
    from controls
    cross join used
    left join coefficients on controls.year = coefficients.year
    left join indicator_values
        on controls.city_code = indicator_values.city_code and controls.year = indicator_values.year
    left join {{ ref('int_city_members') }} as members
        on controls.city_code = members.city_code and controls.year = members.year

)

select * from final
