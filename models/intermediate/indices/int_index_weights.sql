{# Entropy weights of every index of seed index_definitions, in wide SQL. #}
-- depends_on: {{ ref('resilience_indicators') }}
-- depends_on: {{ ref('index_definitions') }}
with indicator_values as (

    select indicator_values.*
    from {{ ref('int_indicators_computed') }} as indicator_values
    inner join {{ ref('int_sample_decisions') }} as decisions
        on indicator_values.city_code = decisions.city_code and decisions.is_kept
    where {{ in_study_years() }}

),

used as (

    select
        {%- for indicator in indicators() %}
        coalesce(max(is_used::integer) filter (where indicator_id = '{{ indicator.indicator_id }}'), 0) = 1
            as {{ indicator.indicator_id }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_indicator_coverage') }}

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
