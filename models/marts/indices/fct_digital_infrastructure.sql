with indicator_values as (

    select * from {{ ref('int_indicators_computed') }}

),

scores as (

    select * from {{ ref('int_index_scores') }}
    where index_id = 'digital_infrastructure'

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

final as (

    -- Above the median is high; ties are low.
    select
        scores.city_code,
        scores.year,
        scores.score as digital_infrastructure,
        indicator_values.broadband_per_100,
        indicator_values.mobile_per_100,
        indicator_values.telecom_volume_per_capita,
        scores.score > medians.median_score as is_high_in_year,
        scores.score > pooled_median.median_score as is_high_pooled,
        base_year.is_high_in_base_year,
        {{ data_origin() }} as data_origin
    from scores
    inner join indicator_values
        on scores.city_code = indicator_values.city_code and scores.year = indicator_values.year
    inner join medians on scores.year = medians.year
    cross join pooled_median
    left join base_year on scores.city_code = base_year.city_code

)

select * from final
