{# Weights of an index sum to one in every scope, and so do the weights inside each dimension and the
   dimension weights. An index or dimension without any usable indicator has null weights and passes. #}
with weights as (

    select * from {{ ref('fct_index_weights') }}

),

dimensions as (

    select
        index_id,
        scope_year,
        dimension,
        sum(weight) as weight_of_indicators,
        sum(weight_in_dimension) as total_in_dimension,
        min(dimension_weight) as dimension_weight,
        count(distinct dimension_weight) as distinct_dimension_weights
    from weights
    group by index_id, scope_year, dimension

),

totals as (

    select
        index_id,
        scope_year,
        'index' as level,
        sum(weight) as total
    from weights
    group by index_id, scope_year
    union all
    select
        index_id,
        scope_year,
        'dimensions of the index' as level,
        sum(dimension_weight) as total
    from dimensions
    group by index_id, scope_year
    union all
    select
        index_id,
        scope_year,
        dimension as level,
        total_in_dimension as total
    from dimensions
    union all
    -- A dimension weighs what its indicators weigh, the same in each of their rows.
    select
        index_id,
        scope_year,
        dimension || ': weight of indicators over weight of dimension' as level,
        case when distinct_dimension_weights > 1 then 0
            else weight_of_indicators / nullif(dimension_weight, 0) end as total
    from dimensions

)

select * from totals
where abs(total - 1) > 1e-12
