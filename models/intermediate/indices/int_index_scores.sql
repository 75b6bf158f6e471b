with dimension_scores as (

    select * from {{ ref('int_index_dimension_scores') }}

),

definitions as (

    select * from {{ ref('index_definitions') }}

),

final as (

    select
        dimension_scores.index_id,
        dimension_scores.city_code,
        dimension_scores.year,
        case definitions.aggregation
            when 'weighted_sum' then sum(dimension_weight * score)
            when 'geometric' then exp(sum(
                case when definitions.aggregation = 'geometric' then dimension_weight * ln(score) end
            ))
            -- The squares of the distances of all indicators are those of the dimensions.
            when 'topsis' then sqrt(sum((dimension_weight * distance_to_worst) ** 2)) / (
                sqrt(sum((dimension_weight * distance_to_worst) ** 2))
                + sqrt(sum((dimension_weight * distance_to_best) ** 2))
            )
        end as score
    from dimension_scores
    inner join definitions on dimension_scores.index_id = definitions.index_id
    group by dimension_scores.index_id, dimension_scores.city_code, dimension_scores.year, definitions.aggregation
    -- An index none of whose indicators is available has no score at all.
    having sum(dimension_weight) > 0

)

select * from final
