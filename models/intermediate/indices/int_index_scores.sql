with dimension_scores as (

    select * from {{ ref('int_index_dimension_scores') }}

),

final as (

    select
        index_id,
        city_code,
        year,
        sum(dimension_weight * score) as score
    from dimension_scores
    group by index_id, city_code, year
    -- An index none of whose indicators is available has no score at all.
    having sum(dimension_weight) > 0

)

select * from final
