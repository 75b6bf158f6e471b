{# The raw folder as relations. The contract itself is models/staging/_raw__sources.yml. #}

{% macro raw_data_dir() -%}
    {{ env_var('RAW_DATA_DIR', 'data/simulated').rstrip('/') }}
{%- endmacro %}

{# Columns of a raw file in contract order, as dicts (name, type, is_key). #}
{% macro raw_columns(table_name) %}
    {% set columns = [] %}
    {% if execute %}
        {% set node = graph.sources['source.' ~ project_name ~ '.raw.' ~ table_name] %}
        {% for name, column in node.columns.items() %}
            {% do columns.append({
                'name': name,
                'type': column.data_type,
                'is_key': column.meta.get('is_key', column.config.meta.get('is_key', false)),
            }) %}
        {% endfor %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}

{# The yearbook's numeric series: what cleaning fills and codes cell by cell. #}
{% macro yearbook_series() %}
    {% set names = [] %}
    {% for column in raw_columns('city_yearbook') if column.type == 'double' %}
        {% do names.append(column.name) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}

{# One view per raw file, made before any model runs. #}
{% macro register_raw_inputs() %}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'snapshot') %}
        {% set folder = raw_data_dir() %}
        {% do run_query('create schema if not exists raw') %}
        {% set files = first_column(
            run_query("select file from glob('" ~ folder ~ "/*') order by file")) %}
        {% for node in graph.sources.values() if node.source_name == 'raw' %}
            {% set found = [] %}
            {% for extension in ('parquet', 'csv') %}
                {% set path = folder ~ '/' ~ node.name ~ '.' ~ extension %}
                {% if path in files %}{% do found.append(path) %}{% endif %}
            {% endfor %}
            {% do register_raw_input(node.name, found, folder, node.config.meta.get('required', false)) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{% macro first_column(table) %}
    {{ return(table.columns[0].values() | list) }}
{% endmacro %}

{% macro register_raw_input(name, found, folder, required) %}
    {% if found | length > 1 %}
        {{ exceptions.raise_compiler_error(
            'Two files claim to be ' ~ name ~ ': ' ~ found | join(' and ') ~ '. Keep one.') }}
    {% elif not found and required %}
        {{ exceptions.raise_compiler_error(
            'No ' ~ name ~ '.parquet or .csv in ' ~ folder ~ '. Run `make simulate` for simulated data, '
            ~ 'or set RAW_DATA_DIR to a folder with your own files (README, "Your own data").') }}
    {% endif %}
    {% set columns = raw_columns(name) %}
    {% if found %}
        {% set reader = "read_parquet('" ~ found[0] ~ "')" if found[0].endswith('.parquet')
            else "read_csv('" ~ found[0] ~ "', header = true, all_varchar = true)" %}
        {% set present = first_column(
            run_query('select column_name from (describe select * from ' ~ reader ~ ')')) %}
        {% for column in columns if column.is_key and column.name not in present %}
            {{ exceptions.raise_compiler_error(
                found[0] ~ ' has no column `' ~ column.name ~ '`. It has: ' ~ present | join(', ')
                ~ '. Rename or add the column; the contract is in models/staging/_raw__sources.yml.') }}
        {% endfor %}
        {% do check_raw_types(found[0], reader, columns, present) %}
    {% endif %}
    {% set view %}
        create or replace view raw.{{ name }} as
        select
            {%- for column in columns %}
            cast({{ column.name if found and column.name in present else 'null' }} as {{ column.type }})
                as {{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        {% if found %}from {{ reader }}{% else %}where false{% endif %}
    {% endset %}
    {% do run_query(view) %}
{% endmacro %}

{# Text in a number, named by file, column, row and value before any model trips over it. #}
{% macro check_raw_types(path, reader, columns, present) %}
    {% for column in columns if column.type != 'varchar' and column.name in present %}
        {% do column.update({'checked': true}) %}
    {% endfor %}
    {% set checked = columns | selectattr('checked', 'defined') | list %}
    {% if path.endswith('.csv') and checked %}
        {% set query %}
            select
                {%- for column in checked %}
                min(case when trim({{ column.name }}) <> '' and try_cast({{ column.name }} as {{ column.type }}) is null
                    then row_number end) as {{ column.name }}{{ ',' if not loop.last }}
                {%- endfor %}
            from (select *, row_number() over () + 1 as row_number from {{ reader }})
        {% endset %}
        {% set first_bad = run_query(query).rows[0] %}
        {% for column in checked if first_bad[column.name] is not none %}
            {% set row = first_bad[column.name] | int %}
            {% set value = run_query('select ' ~ column.name ~ ' from ' ~ reader ~ ' limit 1 offset ' ~ (row - 2)).rows[0][0] %}
            {{ exceptions.raise_compiler_error(
                path ~ ', row ' ~ row ~ ', column `' ~ column.name ~ "`: '" ~ value ~ "' is not a number ("
                ~ column.type ~ '). Correct the cell or leave it empty.') }}
        {% endfor %}
    {% endif %}
{% endmacro %}
