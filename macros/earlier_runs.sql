{# What earlier runs left, for the checks that compare with it: the Parquet marts that readers see
   while this build runs (folder PUBLISHED_MARTS_DIR) and the expectations of every run so far (folder
   QUALITY_HISTORY_DIR). Without them, and before the first publication, each relation is there and
   empty. #}
{% macro register_earlier_runs() %}
    {% if keeps_history() and execute and flags.WHICH in ('build', 'run', 'test', 'snapshot') %}
        {% set folders = {
            'published': env_var('PUBLISHED_MARTS_DIR', ''),
            'history': env_var('QUALITY_HISTORY_DIR', ''),
        } %}
        {% for name, folder in folders.items() %}
            {% do run_query('create schema if not exists ' ~ name) %}
            {% for node in graph.sources.values() if node.source_name == name %}
                {% do register_parquet(node, folder ~ '/' ~ node.config.meta.file if folder else none) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# A source as a view over a Parquet file; a column that the file does not have is empty. #}
{% macro register_parquet(node, file) %}
    {% set quoted = path_literal(file) if file else none %}
    {% set is_there = quoted and run_query('select count(*) from glob(' ~ quoted ~ ')').rows[0][0] %}
    {% set present = first_column(run_query('select distinct name from parquet_schema(' ~ quoted ~ ')'))
        if is_there else [] %}
    {% set view %}
        create or replace view {{ node.schema }}.{{ node.name }} as
        select
            {%- for column in node.columns.values() %}
            {{ 'try_cast(' ~ column.name ~ ' as ' ~ column.data_type ~ ')' if column.name in present
                else 'cast(null as ' ~ column.data_type ~ ')' }} as {{ column.name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        {% if not is_there -%}
        where false
        {%- elif node.source_name == 'published' -%}
        {#- Simulated numbers are no standard for supplied ones. #}
        from read_parquet({{ quoted }}, hive_partitioning = false)
        where data_origin = {{ data_origin() }}
        {%- else -%}
        from read_parquet({{ quoted }}, hive_partitioning = false)
        {%- endif %}
    {% endset %}
    {% do run_query(view) %}
{% endmacro %}
