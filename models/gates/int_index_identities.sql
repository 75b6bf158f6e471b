{# What must hold in the published indices by construction: two ways to the same number. #}
with weights as (

    select * from {{ ref('fct_index_weights') }}

),

definitions as (

    select * from {{ ref('index_definitions') }}

),

scores as (

    select * from {{ ref('fct_index_scores') }}

),

dimension_scores as (

    select * from {{ ref('fct_index_dimension_scores') }}

),

resilience as (

    select * from {{ ref('fct_resilience') }}

),

quotients as (

    select * from {{ ref('fct_location_quotients') }}

),

misallocation as (

    select * from {{ ref('fct_resource_misallocation') }}

),

dimensions as (

    select
        index_id,
        scope_year,
        dimension,
        sum(weight) as weight_of_indicators,
        sum(weight_in_dimension) as total_in_dimension,
        min(dimension_weight) as dimension_weight
    from weights
    group by index_id, scope_year, dimension

),

dimensions_of_resi as (

    select
        max(dimension_weight) filter (where dimension = 'resistance_recovery') as resistance_recovery,
        max(dimension_weight) filter (where dimension = 'adaptation_regulation') as adaptation_regulation,
        max(dimension_weight) filter (where dimension = 'transformation_development')
            as transformation_development
    from dimensions
    where index_id = 'resi'
    -- `fct_resilience` has three dimensions: of an index with others it shows a part.
    having bool_and(
        dimension in ('resistance_recovery', 'adaptation_regulation', 'transformation_development')
    )

),

scores_of_dimensions as (

    select
        dimension_scores.index_id,
        dimension_scores.city_code,
        dimension_scores.year,
        case any_value(definitions.aggregation)
            when 'weighted_sum' then sum(dimension_scores.dimension_weight * dimension_scores.score)
            when 'geometric' then exp(sum(
                case
                    when definitions.aggregation = 'geometric'
                        then dimension_scores.dimension_weight * ln(dimension_scores.score)
                end
            ))
        end as score
    from dimension_scores
    inner join definitions on dimension_scores.index_id = definitions.index_id
    -- Distances add up by their squares, closenesses do not.
    where definitions.aggregation <> 'topsis'
    group by dimension_scores.index_id, dimension_scores.city_code, dimension_scores.year

),

score_gaps as (

    select
        scores.index_id,
        scores.score,
        scores_of_dimensions.score as score_of_dimensions,
        abs(scores.score - scores_of_dimensions.score) as gap
    from scores
    inner join scores_of_dimensions
        on scores.index_id = scores_of_dimensions.index_id
            and scores.city_code = scores_of_dimensions.city_code
            and scores.year = scores_of_dimensions.year

),

identities as (

    -- An index or dimension without a usable indicator has null weights, and nothing to sum.
    select
        'weights_sum_to_one' as identity,
        'fct_index_weights' as table_name,
        'weight' as column_name,
        concat_ws(' ', index_id, scope_year) as subject,
        sum(weight) as left_value,
        1.0 as right_value
    from weights
    group by index_id, scope_year
    having count(weight) > 0
    union all
    select
        'weights_sum_to_one' as identity,
        'fct_index_weights' as table_name,
        'weight_in_dimension' as column_name,
        concat_ws(' ', index_id, scope_year, dimension) as subject,
        total_in_dimension as left_value,
        1.0 as right_value
    from dimensions
    where total_in_dimension is not null
    union all
    select
        'dimension_weighs_its_indicators' as identity,
        'fct_index_weights' as table_name,
        'dimension_weight' as column_name,
        concat_ws(' ', index_id, scope_year, dimension) as subject,
        weight_of_indicators as left_value,
        dimension_weight as right_value
    from dimensions
    where weight_of_indicators is not null
    union all
    select
        'resi_is_weighted_dimensions' as identity,
        'fct_resilience' as table_name,
        'resi' as column_name,
        resilience.city_code || ' ' || resilience.year as subject,
        resilience.resi as left_value,
        -- A dimension without usable indicators has no score and no weight.
        coalesce(weights.resistance_recovery * resilience.resistance_recovery, 0)
        + coalesce(weights.adaptation_regulation * resilience.adaptation_regulation, 0)
        + coalesce(weights.transformation_development * resilience.transformation_development, 0)
            as right_value
    from resilience
    cross join dimensions_of_resi as weights
    union all
    -- Where the two are farthest apart.
    select
        'scores_follow_from_dimensions' as identity,
        'fct_index_scores' as table_name,
        'score' as column_name,
        index_id as subject,
        arg_max(score, gap) as left_value,
        arg_max(score_of_dimensions, gap) as right_value
    from score_gaps
    group by index_id
    union all
    select
        'location_quotients_average_to_one' as identity,
        'fct_location_quotients' as table_name,
        'lq' as column_name,
        city_code || ' ' || year as subject,
        sum(national_share * lq) as left_value,
        1.0 as right_value
    from quotients
    where city_members > 0
    group by city_code, year
    union all
    select
        'national_shares_sum_to_one' as identity,
        'fct_location_quotients' as table_name,
        'national_share' as column_name,
        city_code || ' ' || year as subject,
        sum(national_share) as left_value,
        1.0 as right_value
    from quotients
    where city_members > 0
    group by city_code, year
    {%- for share in ('output_share', 'capital_share', 'labour_share') %}
    union all
    select
        'factor_shares_sum_to_one' as identity,
        'fct_resource_misallocation' as table_name,
        '{{ share }}' as column_name,
        cast(year as varchar) as subject,
        sum({{ share }}) as left_value,
        1.0 as right_value
    from misallocation
    group by year
    having count({{ share }}) > 0
    {%- endfor %}

),

final as (

    select
        *,
        abs(left_value - right_value) as gap
    from identities

)

select * from final
