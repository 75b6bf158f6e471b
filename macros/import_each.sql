{# Import CTEs of a model whose SQL is written in a loop: each is named as the model it reads. #}
{% macro import_each(models) -%}
    {%- for model in models %}
{{ model }} as (

    select * from {{ ref(model) }}

),
    {% endfor %}
{%- endmacro %}

{# The same for tables of a source. #}
{% macro import_each_source(source_name, tables) -%}
    {%- for table in tables %}
{{ table }} as (

    select * from {{ source(source_name, table) }}

),
    {% endfor %}
{%- endmacro %}
