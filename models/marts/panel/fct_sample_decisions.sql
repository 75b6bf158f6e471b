{{ config(post_hook='{{ comment_columns(this, study_comments()) }}') }}
with decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

cities as (

    select
        city_code,
        city_name_en,
        city_name_zh,
        province
    from {{ ref('dim_cities') }}

),

indicator_values as (

    select * from {{ ref('fct_indicator_values') }}

),

coverage as (

    select * from {{ ref('int_indicator_coverage') }}

),

members as (

    select * from {{ ref('index_indicators') }}
    where indicator_set = 'resilience'

),

-- Of `resi`, which used indicators the city lacks: "resi missing" alone would not say what to look for.
missing_years as (

    select
        indicator_values.city_code,
        indicator_values.indicator_id,
        count(*) as years
    from indicator_values
    inner join coverage
        on indicator_values.indicator_id = coverage.indicator_id and coverage.is_used
    inner join members on indicator_values.indicator_id = members.indicator_id
    where indicator_values.value is null and {{ in_study_years('indicator_values.year') }}
    group by indicator_values.city_code, indicator_values.indicator_id

),

missing_indicators as (

    select
        city_code,
        string_agg(indicator_id || ' (' || years || ')', ', ' order by years desc, indicator_id) as missing_indicators
    from missing_years
    group by city_code

),

final as (

    select
        decisions.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        decisions.is_kept,
        decisions.reason,
        decisions.study_years::integer as study_years,
        decisions.complete_years::integer as complete_years,
        {%- for variable in sample_candidates() %}
        decisions.{{ variable.definition }}_missing_years,
        {%- endfor %}
        missing_indicators.missing_indicators,
        {{ data_origin() }} as data_origin
    from decisions
    left join cities on decisions.city_code = cities.city_code
    left join missing_indicators on decisions.city_code = missing_indicators.city_code

)

select * from final
