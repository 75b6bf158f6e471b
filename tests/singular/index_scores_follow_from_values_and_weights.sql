{# Every score of every index, computed again from indicator values, bounds, directions and weights. #}
with weights as (

    select * from {{ ref('fct_index_weights') }}
    where weight > 0

),

scored as (

    select
        scores.index_id,
        scores.city_code,
        scores.year,
        scores.score,
        weights.weight,
        case weights.direction
            when 'positive' then indicator_values.value - weights.lower_bound
            when 'negative' then weights.upper_bound - indicator_values.value
        end / (weights.upper_bound - weights.lower_bound) as min_max_score
    from {{ ref('fct_index_scores') }} as scores
    inner join weights
        on scores.index_id = weights.index_id
            and (weights.scope_year is null or weights.scope_year = scores.year)
    left join {{ ref('fct_indicator_values') }} as indicator_values
        on scores.city_code = indicator_values.city_code
            and scores.year = indicator_values.year
            and weights.indicator_id = indicator_values.indicator_id

),

recomputed as (

    select
        index_id,
        city_code,
        year,
        max(score) as score,
        sum(weight * min_max_score) as weighted_sum,
        count(*) - count(min_max_score) as missing_indicators
    from scored
    group by index_id, city_code, year

)

select * from recomputed
where missing_indicators > 0 or coalesce(abs(score - weighted_sum) > 1e-12, true)
