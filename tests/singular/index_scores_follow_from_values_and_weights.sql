{# Every score of every index, computed again from indicator values, bounds, directions and weights. #}
with definitions as (

    select * from {{ ref('index_definitions') }}

),

weights as (

    select * from {{ ref('fct_index_weights') }}
    where weight > 0

),

scores as (

    select * from {{ ref('fct_index_scores') }}

),

indicator_values as (

    select * from {{ ref('fct_indicator_values') }}

),

-- The better the higher: what counts against is turned round by its sign.
directed as (

    select
        scores.index_id,
        weights.scope_year,
        weights.indicator_id,
        scores.city_code,
        scores.year,
        scores.score,
        weights.weight,
        definitions.normalization,
        definitions.aggregation,
        coalesce(definitions.score_floor, 0) as score_floor,
        case weights.direction when 'positive' then 1 when 'negative' then -1 end * indicator_values.value as value,
        case weights.direction when 'positive' then weights.lower_bound else -weights.upper_bound end as lowest,
        weights.upper_bound - weights.lower_bound as spread,
        case weights.direction when 'positive' then 1 else -1 end * weights.mean_value as mean_value,
        weights.standard_deviation
    from scores
    inner join definitions on scores.index_id = definitions.index_id
    inner join weights
        on scores.index_id = weights.index_id
            and (weights.scope_year is null or weights.scope_year = scores.year)
    left join indicator_values
        on scores.city_code = indicator_values.city_code
            and scores.year = indicator_values.year
            and weights.indicator_id = indicator_values.indicator_id

),

normalized as (

    select
        *,
        case
            when normalization = 'z_score' then (value - mean_value) / standard_deviation
            else (value - lowest) / spread
        end as normalized
    from directed
    where normalization <> 'rank'
    union all
    -- The mean of the lowest and the highest rank of equals, from 0 to 1.
    select
        *,
        (
            (rank() over upwards - 1) + (count(*) over alike - rank() over downwards)
        ) / (2.0 * (count(*) over alike - 1)) as normalized
    from directed
    where normalization = 'rank'
    window
        alike as (partition by index_id, scope_year, indicator_id),
        upwards as (partition by index_id, scope_year, indicator_id order by {{ significant('value', 9) }}),
        downwards as (partition by index_id, scope_year, indicator_id order by {{ significant('value', 9) }} desc)

),

ideals as (

    select
        index_id,
        scope_year,
        indicator_id,
        max(normalized) as best,
        min(normalized) as worst
    from normalized
    where aggregation = 'topsis'
    group by index_id, scope_year, indicator_id

),

recomputed as (

    select
        index_id,
        city_code,
        year,
        max(score) as score,
        case max(aggregation)
            when 'weighted_sum' then sum(weight * normalized)
            when 'geometric' then exp(sum(
                case when aggregation = 'geometric' then weight * ln(score_floor + (1 - score_floor) * normalized) end
            ))
        end as expected,
        count(*) - count(normalized) as missing_indicators
    from normalized
    where aggregation <> 'topsis'
    group by index_id, city_code, year
    union all
    select
        normalized.index_id,
        normalized.city_code,
        normalized.year,
        max(normalized.score) as score,
        sqrt(sum((normalized.weight * (normalized.normalized - ideals.worst)) ** 2)) / (
            sqrt(sum((normalized.weight * (normalized.normalized - ideals.worst)) ** 2))
            + sqrt(sum((normalized.weight * (normalized.normalized - ideals.best)) ** 2))
        ) as expected,
        count(*) - count(normalized.normalized) as missing_indicators
    from normalized
    inner join ideals
        on normalized.index_id = ideals.index_id
            and normalized.scope_year is not distinct from ideals.scope_year
            and normalized.indicator_id = ideals.indicator_id
    group by normalized.index_id, normalized.city_code, normalized.year

)

-- Sums of z-scores have no bounds: there the digits count.
select * from recomputed
where missing_indicators > 0 or coalesce(abs(score - expected) > 1e-12 * greatest(1, abs(expected)), true)
