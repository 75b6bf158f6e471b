-- Question: which indicators carry the resilience index, and which move its ranking?
-- Grain: indicator of the primary index, heaviest first; indicators left out stand last with the
-- reason. A heavy indicator spreads cities apart; a high rank correlation says that ordering cities
-- by it alone comes close to the ranking of the whole index.
with weights as (

    select * from {{ ref('fct_index_weights') }}
    where index_id = 'resi'

),

ranked as (

    select
        indicator_values.indicator_id,
        rank() over by_indicator as place_in_indicator,
        rank() over by_index as place_in_index
    from {{ ref('fct_resilience') }} as resilience
    inner join {{ ref('fct_indicator_values') }} as indicator_values
        on resilience.city_code = indicator_values.city_code and resilience.year = indicator_values.year
    where indicator_values.value is not null
    window
        by_indicator as (
            partition by indicator_values.indicator_id, resilience.year order by indicator_values.value
        ),
        by_index as (
            partition by indicator_values.indicator_id, resilience.year order by resilience.resi
        )

),

correlations as (

    select
        indicator_id,
        corr(place_in_indicator, place_in_index) as rank_correlation
    from ranked
    group by indicator_id

),

final as (

    select
        weights.indicator_name,
        weights.dimension,
        weights.direction,
        round(100 * weights.weight, 2) as weight_percent,
        round(100 * sum(weights.weight) over (order by weights.weight desc nulls last, weights.indicator_id), 2)
            as cumulated_percent,
        round(correlations.rank_correlation, 3) as rank_correlation,
        round(100 * weights.coverage, 1) as coverage_percent,
        weights.decision,
        weights.data_origin
    from weights
    left join correlations on weights.indicator_id = correlations.indicator_id

)

select * from final
order by weight_percent desc nulls last, indicator_name
