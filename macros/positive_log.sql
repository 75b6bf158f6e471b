{# Natural logarithm; zero, where DuckDB says minus infinity, and less, where it says NaN, are missing. #}
{% macro positive_log(value) -%}
    ln(case when {{ value }} > 0 then {{ value }} end)
{%- endmacro %}
