with weights as (

    select * from {{ ref('int_index_weights') }}

),

coverage as (

    select * from {{ ref('int_indicator_coverage') }}

),

indicators as (

    select * from {{ ref('resilience_indicators') }}

),

final as (

    select
        weights.index_id,
        weights.scope_year,
        weights.indicator_id,
        indicators.name_en as indicator_name,
        weights.dimension,
        indicators.unit,
        indicators.direction_as_printed,
        weights.direction,
        coverage.coverage,
        weights.is_used,
        case
            when weights.is_used and weights.entropy is null then 'no variation: weight 0'
            else coverage.decision
        end as decision,
        weights.city_years,
        weights.lower_bound,
        weights.upper_bound,
        weights.entropy,
        weights.divergence,
        weights.weight,
        weights.weight_in_dimension,
        weights.dimension_weight,
        {{ data_origin() }} as data_origin
    from weights
    inner join coverage on weights.indicator_id = coverage.indicator_id
    inner join indicators on weights.indicator_id = indicators.indicator_id

)

select * from final
