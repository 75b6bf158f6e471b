{# Entropy weights of every index of seed index_definitions, in wide SQL. #}
-- depends_on: {{ ref('resilience_indicators') }}
-- depends_on: {{ ref('index_definitions') }}
with population as (

    select * from {{ ref('int_index_population') }}

),

coverage as (

    select * from {{ ref('int_indicator_coverage') }}

),

{% for index in indices() %}
{{ entropy_weight_ctes(index, indicators(index.indicator_set)) }}
{% endfor %}

final as (

    {% for index in indices() %}
    select * from {{ index.index_id }}_weights
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
