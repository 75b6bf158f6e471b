{# Score of each dimension of each index: the within-dimension weighted mean of the min-max scores. #}
-- depends_on: {{ ref('resilience_indicators') }}
-- depends_on: {{ ref('index_definitions') }}
with population as (

    select * from {{ ref('int_index_population') }}

),

weights as (

    select * from {{ ref('int_index_weights') }}

),

{% for index in indices() %}
{% set index_indicators = indicators(index.indicator_set) %}
{{ index.index_id }}_weights as (

    select
        scope_year,
        {%- for indicator in index_indicators %}
        {%- set column = indicator.indicator_id %}
        max(weight_in_dimension) filter (where indicator_id = '{{ column }}') as {{ column }}_weight,
        max(lower_bound) filter (where indicator_id = '{{ column }}') as {{ column }}_min,
        max(upper_bound) filter (where indicator_id = '{{ column }}') as {{ column }}_max{{ ',' if not loop.last }}
        {%- endfor %}
    from weights
    where index_id = '{{ index.index_id }}'
    group by scope_year

),

{{ index.index_id }}_scores as (

    {% for dimension in index_indicators | map(attribute='dimension') | unique %}
    select
        '{{ index.index_id }}' as index_id,
        population.city_code,
        population.year,
        '{{ dimension }}' as dimension,
        {%- for indicator in index_indicators if indicator.dimension == dimension %}
        {{ '+ ' if not loop.first }}coalesce(weights.{{ indicator.indicator_id }}_weight * {{ min_max_score(
            'population.' ~ indicator.indicator_id,
            'weights.' ~ indicator.indicator_id ~ '_min',
            'weights.' ~ indicator.indicator_id ~ '_max',
            direction_of(index, indicator)
        ) }}, 0)
        {%- endfor %} as score
    from population
    inner join {{ index.index_id }}_weights as weights
        on {{ 'population.year = weights.scope_year' if index.scope == 'by_year' else 'true' }}
    where population.indicator_set = '{{ index.indicator_set }}'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),
{% endfor %}

dimension_weights as (

    select distinct
        index_id,
        scope_year,
        dimension,
        dimension_weight
    from weights

),

scores as (

    {% for index in indices() %}
    select * from {{ index.index_id }}_scores
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        scores.index_id,
        scores.city_code,
        scores.year,
        scores.dimension,
        -- A dimension none of whose indicators is available has no score and no weight.
        case when dimension_weights.dimension_weight > 0 then scores.score end as score,
        dimension_weights.dimension_weight
    from scores
    inner join dimension_weights
        on scores.index_id = dimension_weights.index_id
            and scores.dimension = dimension_weights.dimension
            and (dimension_weights.scope_year is null or dimension_weights.scope_year = scores.year)

)

select * from final
