-- Question: how much of each index rests on filled cells rather than on printed numbers?
-- Grain: index. A score counts as touched when any yearbook cell of the year that it is built from
-- was filled; rolling deviations also reach the years of their window.
with weights as (

    -- An index weighted by year has a weight per year: the mean says how much an indicator matters.
    select
        index_id,
        indicator_id,
        avg(weight) as weight
    from {{ ref('fct_index_weights') }}
    where weight > 0
    group by index_id, indicator_id

),

series as (

    select distinct series from {{ ref('fct_series') }}

),

inputs as (

    -- Series that an expression names, and the years before its own that it reads: `rolling_sd(x, 3)` two.
    select
        indicators.indicator_id,
        series.series,
        coalesce(
            list_max(
                regexp_extract_all(indicators.expression, 'rolling_[a-z]+[(][^()]*, *([0-9]+)[)]', 1)::integer[]
            ) - 1,
            0
        ) as years_back
    from {{ ref('resilience_indicators') }} as indicators
    inner join series on regexp_matches(indicators.expression, '\b' || series.series || '\b')

),

touched as (

    select distinct
        scores.index_id,
        scores.city_code,
        scores.year,
        weights.indicator_id,
        weights.weight
    from {{ ref('fct_index_scores') }} as scores
    inner join weights on scores.index_id = weights.index_id
    inner join inputs on weights.indicator_id = inputs.indicator_id
    inner join {{ ref('fct_imputations') }} as imputations
        on scores.city_code = imputations.city_code
            and inputs.series = imputations.series
            and imputations.year between scores.year - inputs.years_back and scores.year

),

touched_scores as (

    select
        index_id,
        city_code,
        year,
        sum(weight) as touched_weight
    from touched
    group by index_id, city_code, year

),

final as (

    select
        scores.index_id,
        count(*) as scores,
        count(touched_scores.city_code) as touched_scores,
        round(100 * count(touched_scores.city_code) / count(*), 2) as touched_percent,
        -- Of all the weight in all the scores, how much sits on an indicator with a filled cell.
        round(100 * coalesce(sum(touched_scores.touched_weight), 0) / count(*), 2) as touched_weight_percent,
        scores.data_origin
    from {{ ref('fct_index_scores') }} as scores
    left join touched_scores
        on scores.index_id = touched_scores.index_id
            and scores.city_code = touched_scores.city_code
            and scores.year = touched_scores.year
    group by scores.index_id, scores.data_origin

)

select * from final
order by index_id
