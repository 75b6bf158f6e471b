{# Score of each dimension of each index: the within-dimension mean of the normalized scores, or closeness. #}
-- depends_on: {{ ref('resilience_indicators') }}
-- depends_on: {{ ref('index_indicators') }}
-- depends_on: {{ ref('index_definitions') }}
{% set blocks, members = score_blocks(indices()), index_indicators() %}
with population as (

    select * from {{ ref('int_index_population') }}

),

weights as (

    select * from {{ ref('int_index_weights') }}

),

weight_rows as (
    {{ weight_rows('weights', members) }}
),

{% for block in blocks %}
{{ dimension_score_ctes(block, members | selectattr('indicator_set', 'equalto', block.indicator_set) | list) }}
{% endfor %}

final as (

    {% for block in blocks %}
    select * from {{ block.name }}_scores
    {% if not loop.last %}union all{% endif %}
    {% else %}
    select
        index_id,
        null::varchar as city_code,
        null::integer as year,
        dimension,
        null::double as score,
        dimension_weight,
        null::double as distance_to_best,
        null::double as distance_to_worst
    from weights
    where false
    {% endfor %}

)

select * from final
