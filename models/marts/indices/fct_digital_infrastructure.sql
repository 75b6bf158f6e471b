with indicator_values as (

    select * from {{ ref('fct_indicator_values') }}

),

scores as (

    select * from {{ ref('int_index_scores') }}
    where index_id = 'digital_infrastructure'

),

cities as (

    select
        city_code,
        city_name_en,
        city_name_zh,
        province
    from {{ ref('dim_cities') }}

),

medians as (

    select
        year,
        {{ stata_percentile('score', 50) }} as median_score
    from scores
    group by year

),

pooled_median as (

    select {{ stata_percentile('score', 50) }} as median_score from scores

),

base_year as (

    select
        scores.city_code,
        scores.score > medians.median_score as is_high_in_base_year
    from scores
    inner join medians on scores.year = medians.year
    where scores.year = {{ setting('study_start_year') }}

),

-- Long, so that a study without one of them has a null here.
indicators as (

    select
        city_code,
        year,
        max(value) filter (where indicator_id = 'broadband_per_100') as broadband_per_100,
        max(value) filter (where indicator_id = 'mobile_per_100') as mobile_per_100,
        max(value) filter (where indicator_id = 'telecom_volume_per_capita') as telecom_volume_per_capita
    from indicator_values
    group by city_code, year

),

final as (

    -- Above the median is high; ties are low.
    select
        scores.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        scores.year,
        scores.score as digital_infrastructure,
        indicators.broadband_per_100,
        indicators.mobile_per_100,
        indicators.telecom_volume_per_capita,
        scores.score > medians.median_score as is_high_in_year,
        scores.score > pooled_median.median_score as is_high_pooled,
        base_year.is_high_in_base_year,
        {{ data_origin() }} as data_origin
    from scores
    left join indicators on scores.city_code = indicators.city_code and scores.year = indicators.year
    inner join medians on scores.year = medians.year
    cross join pooled_median
    left join base_year on scores.city_code = base_year.city_code
    left join cities on scores.city_code = cities.city_code

)

select * from final
