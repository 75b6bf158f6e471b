{# Build this model only where no expectation of severity error failed at the layer: `dq_<layer>` holds
   a data test, and dbt skips what is downstream of a failed one. A unit test brings its own inputs and
   waits for nothing. #}
{% macro behind_gate(layer) -%}
    {%- if model.resource_type == 'model' -%}
    -- depends_on: {{ ref('dq_' ~ layer) }}
    {%- endif -%}
{%- endmacro %}
