with weights as (

    select * from {{ ref('int_index_weights') }}

),

coverage as (

    select * from {{ ref('int_indicator_coverage') }}

),

indicators as (

    select * from {{ ref('resilience_indicators') }}

),

definitions as (

    select * from {{ ref('index_definitions') }}

),

members as (

    select * from {{ ref('index_indicators') }}

),

final as (

    select
        weights.index_id,
        weights.scope_year,
        weights.indicator_id,
        indicators.name_en as indicator_name,
        weights.dimension,
        indicators.unit,
        members.direction_as_printed,
        weights.direction,
        coverage.coverage,
        weights.is_used,
        coalesce(weights.obstacle, coverage.decision) as decision,
        weights.city_years,
        weights.lower_bound,
        weights.upper_bound,
        weights.mean_value,
        weights.standard_deviation,
        weights.entropy,
        weights.divergence,
        weights.loading,
        weights.proportion,
        weights.weight,
        weights.weight_in_dimension,
        weights.dimension_weight,
        {{ data_origin() }} as data_origin
    from weights
    inner join coverage on weights.indicator_id = coverage.indicator_id
    inner join indicators on weights.indicator_id = indicators.indicator_id
    inner join definitions on weights.index_id = definitions.index_id
    inner join members
        on definitions.indicator_set = members.indicator_set and weights.indicator_id = members.indicator_id

)

select * from final
