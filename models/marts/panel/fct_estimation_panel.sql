{% set variables = panel_variables() %}
{% set sample_variables = setting('sample_variables') %}
{{ behind_gate('panel') }}
with winsorized as (

    select * from {{ ref('int_panel_winsorized') }}

),

city_years as (

    select * from {{ ref('fct_city_years') }}

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
        count({{ variable }}) > 0 as has_{{ variable }}{{ ',' if not loop.last }}
        {%- endfor %}
    from winsorized

),

timing as (

    select
        city_code,
        {%- for policy in ['smart_city', 'broadband_china', 'low_carbon_city'] %}
        {%- set only = "filter (where policy_id = '" ~ policy ~ "')" %}
        max(first_full_year) {{ only }} as {{ policy }}_year,
        max(first_full_announced_year) {{ only }} as {{ policy }}_announced_year,
        max(first_partial_year) {{ only }} as {{ policy }}_partial_year{{ ',' if not loop.last }}
        {%- endfor %}
    from policy_timing
    group by city_code

),

joined as (

    select
        winsorized.city_code,
        winsorized.year,
        cities.city_name_en,
        cities.province,
        {%- for variable in variables %}
        winsorized.{{ variable }},
        {%- endfor %}
        city_years.resi as resi_unwinsorized,
        cities.is_old_industrial,
        cities.is_urban_agglomeration,
        cities.is_yangtze_belt,
        cities.is_provincial_capital,
        cities.is_municipality,
        city_years.is_high_digital_infrastructure,
        {%- for policy in ['smart_city', 'broadband_china', 'low_carbon_city'] %}
        timing.{{ policy }}_year,
        timing.{{ policy }}_announced_year,
        timing.{{ policy }}_partial_year,
        {%- endfor %}
        {% for variable in sample_variables -%}
        {{ 'and ' if not loop.first }}(winsorized.{{ variable }} is not null or not existing.has_{{ variable }})
        {% endfor -%}
        as is_estimation_sample
    from winsorized
    cross join existing
    inner join city_years
        on winsorized.city_code = city_years.city_code and winsorized.year = city_years.year
    inner join cities on winsorized.city_code = cities.city_code
    left join timing on winsorized.city_code = timing.city_code

),

quartiles as (

    select
        {%- for percent in [25, 50, 75] %}
        {{ stata_percentile('agg', percent) }} as quartile_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from joined
    where is_estimation_sample

),

final as (

    -- Pooled over the estimation sample; a value on a quartile belongs to the lower group.
    select
        joined.*,
        case
            when joined.agg is null then null
            when joined.agg <= quartiles.quartile_1 then 'low'
            when joined.agg <= quartiles.quartile_2 then 'lower'
            when joined.agg <= quartiles.quartile_3 then 'higher'
            else 'high'
        end as agg_quartile,
        {{ data_origin() }} as data_origin
    from joined
    cross join quartiles

)

select * from final
