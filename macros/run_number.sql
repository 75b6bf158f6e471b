{# Number of the run of the refresh; 0 in a plain dbt build. #}
{% macro run_number() -%}
    {{ env_var('REFRESH_RUN_ID', '0') | int }}
{%- endmacro %}
