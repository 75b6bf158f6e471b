{# What another engine has built: with var `handed_over`, a folder of `<schema>/<name>/*.parquet`, a model
   that stands there is taken up instead of computed. Tests and contracts see it as any other. #}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- set folder = var('handed_over', none) if language == 'sql' and not temporary else none -%}
    {%- if folder and this.schema ~ '.' ~ this.identifier in handed_over_relations(folder) -%}
        {%- set files = path_literal(folder, '/' ~ this.schema ~ '/' ~ this.identifier ~ '/*.parquet') -%}
        {%- set compiled_code = 'select * from read_parquet(' ~ files ~ ', hive_partitioning = false)' -%}
    {%- endif -%}
    {{ dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by) }}
{%- endmacro %}

{# Names of what was handed over, `schema.name`, from its list; read once in a run. #}
{% macro handed_over_relations(folder) %}
    {% set key = 'handed over' %}
    {% if key not in graph %}
        {% set table = run_query(
            "select schema || '.' || name as relation from read_json(" ~ path_literal(folder, '/hand_over.json')
            ~ ", columns = {schema: 'varchar', name: 'varchar', n_rows: 'bigint'})") %}
        {% do graph.update({key: first_column(table)}) %}
    {% endif %}
    {{ return(graph[key]) }}
{% endmacro %}
