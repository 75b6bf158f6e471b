{# The comment of a relation in the warehouse: its description and, from `config.meta`, its grain. Who
   opens the file with another client finds both there. #}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set grain = model.config.meta.get('grain') -%}
    {%- set grained = model.description.rstrip() ~ '\n\nGrain: ' ~ grain ~ '.' if grain else model.description -%}
    {{ return(default__persist_docs(relation, dict(model, description=grained), for_relation, for_columns)) }}
{%- endmacro %}
