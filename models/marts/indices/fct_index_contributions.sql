{# What each indicator adds to each index, and why that changed since last year. Scores as
   int_index_dimension_scores has them, long. #}
-- depends_on: {{ ref('resilience_indicators') }}
-- depends_on: {{ ref('index_indicators') }}
-- depends_on: {{ ref('index_definitions') }}
{% set blocks, members = score_blocks(indices()), index_indicators() %}
{% set no_split = {
    'geometric': 'no additive split: a geometric mean is a product, each indicator multiplies the others',
    'topsis': 'no additive split: closeness is a ratio of distances, which take all indicators together',
} %}
with population as (

    select * from {{ ref('int_index_population') }}

),

weights as (

    select * from {{ ref('int_index_weights') }}

),

indicators as (

    select * from {{ ref('resilience_indicators') }}

),

indicator_values as (

    select * from {{ ref('fct_indicator_values') }}

),

cities as (

    select
        city_code,
        city_name_en,
        city_name_zh,
        province
    from {{ ref('dim_cities') }}

),

weight_rows as (
    {{ weight_rows('weights', members) }}
),

{% for block in blocks %}
{% set own = members | selectattr('indicator_set', 'equalto', block.indicator_set) | list %}
{{ normalized_ctes(block, own) }}

{{ block.name }}_long as (
    {{ unpivot_columns(
        block.name ~ '_normalized', ['city_code', 'year'], own | map(attribute='indicator_id') | list, 'indicator_id', 'score'
    ) }}
),
{% endfor %}

weighted as (

    {% for block in blocks %}
    select
        weights.index_id,
        scores.city_code,
        scores.year,
        weights.indicator_id,
        weights.dimension,
        scores.score,
        weights.weight,
        {% if block.aggregation == 'weighted_sum' -%}
        coalesce(weights.weight * scores.score, 0) as contribution,
        'additive: the contributions sum to the score of the index' as split
        {%- else -%}
        null::double as contribution,
        '{{ no_split[block.aggregation] }}' as split
        {%- endif %}
    from {{ block.name }}_long as scores
    inner join weights
        on weights.index_id in ('{{ block.index_ids | join("', '") }}')
            and scores.indicator_id = weights.indicator_id
            {%- if block.scope == 'by_year' %}
            and scores.year = weights.scope_year
            {%- endif %}
    -- What coverage leaves out has no part in the index, nor has anything in an index without weights.
    where weights.is_used and weights.weight is not null
    {% if not loop.last %}union all{% endif %}
    {% else %}
    select
        weights.index_id,
        null::varchar as city_code,
        null::integer as year,
        weights.indicator_id,
        weights.dimension,
        null::double as score,
        weights.weight,
        null::double as contribution,
        null::varchar as split
    from weights
    where false
    {% endfor %}

),

compared as (

    select
        now.*,
        now.contribution - before.contribution as contribution_change,
        -- Half of the order of the two changes each way (Shapley): both parts add up to the change.
        case when now.contribution is not null
            then (now.weight + before.weight) / 2 * (now.score - before.score)
        end as change_by_score,
        case when now.contribution is not null
            then (now.score + before.score) / 2 * (now.weight - before.weight)
        end as change_by_weight
    from weighted as now
    left join weighted as before
        on now.index_id = before.index_id
            and now.city_code = before.city_code
            and now.indicator_id = before.indicator_id
            and now.year = before.year + 1

),

final as (

    select
        compared.index_id,
        compared.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        compared.year,
        compared.indicator_id,
        indicators.name_en as indicator_name_en,
        indicators.name_zh as indicator_name_zh,
        compared.dimension,
        indicator_values.value,
        compared.score,
        compared.weight,
        compared.contribution,
        compared.contribution_change,
        compared.change_by_score,
        compared.change_by_weight,
        compared.split,
        {{ data_origin() }} as data_origin
    from compared
    left join cities on compared.city_code = cities.city_code
    left join indicators on compared.indicator_id = indicators.indicator_id
    left join indicator_values
        on compared.city_code = indicator_values.city_code
            and compared.year = indicator_values.year
            and compared.indicator_id = indicator_values.indicator_id

)

select * from final
