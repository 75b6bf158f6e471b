{# Schemas are an interface (reference, staging, ... quality): use the configured name as it is. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
