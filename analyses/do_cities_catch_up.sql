-- Question: do the less resilient cities catch up?
-- Grain: study year. Sigma convergence: does the spread of the cities shrink? Beta convergence: is the change
-- since the first year negatively correlated with the level of that year (Barro and Sala-i-Martin 1992)?
-- Errors of measurement in the first year make the correlation negative by themselves: read both together.
with scores as (

    select
        city_code,
        year,
        score,
        first_value(score) over (partition by city_code order by year) as first_score,
        min(year) over (partition by city_code) as first_year,
        min(year) over () as first_study_year,
        data_origin
    from {{ ref('fct_index_scores') }}
    where index_id = 'resi'

),

final as (

    select
        year,
        count(*) as cities,
        round(avg(score), 4) as mean_score,
        round(stddev_samp(score), 4) as standard_deviation,
        round(stddev_samp(score) / avg(score), 4) as coefficient_of_variation,
        case
            when year > first_study_year then round(corr(score - first_score, first_score), 3)
            else 0
        end as correlation_of_change_with_first_level,
        any_value(data_origin) as data_origin
    from scores
    where first_year = first_study_year
    group by year, first_study_year

)

select * from final
order by year
