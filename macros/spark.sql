{# The Spark target. Models, tests and macros are written in the words of DuckDB; what goes to Spark is
   marked here, and translated below dbt (src/urban_resilience/spark). #}

{# A query in DuckDB's words, for `run_query`. #}
{% macro in_duckdb(sql) -%}
    {{ return(adapter.dispatch('in_duckdb')(sql)) }}
{%- endmacro %}

{% macro default__in_duckdb(sql) -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark__in_duckdb(sql) -%}
    {{ return(sql if '/*[duckdb*/' in sql else '/*[duckdb*/' ~ sql ~ '/*duckdb]*/') }}
{%- endmacro %}

{# A query over small files of the project or the raw folder, read where dbt runs. #}
{% macro of_files(sql) -%}
    {{ return(adapter.dispatch('of_files')(sql)) }}
{%- endmacro %}

{% macro default__of_files(sql) -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark__of_files(sql) -%}
    {{ return('/*[files*/' ~ sql ~ '/*files]*/') }}
{%- endmacro %}

{# Only `make build-spark` brings the translation: plain dbt would send DuckDB's words to Spark. #}
{% macro check_engine() -%}
    {{ return(adapter.dispatch('check_engine')()) }}
{%- endmacro %}

{% macro default__check_engine() -%}
{%- endmacro %}

{% macro spark__check_engine() -%}
    {% if member_changes_dir() %}
        {{ exceptions.raise_compiler_error(
            'MEMBER_CHANGES_DIR is set: members that arrive by month are counted on DuckDB, with `make build`.') }}
    {% endif %}
    {% if execute and run_query(in_duckdb('select log(100) as ten_based')).rows[0][0] | round(6) != 2 %}
        {{ exceptions.raise_compiler_error(
            'The models are written in the words of DuckDB. `make build-spark` builds them on Spark.') }}
    {% endif %}
{%- endmacro %}

{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {#- The adapter runs a Python model as it stands, and writes what it returns. -#}
    {%- if language == 'python' -%}
        {{- compiled_code -}}
    {%- else -%}
        {{ dbt.spark__create_table_as(temporary, relation, in_duckdb(compiled_code), language) }}
    {%- endif -%}
{%- endmacro %}

{# Parquet holds no constraints: what DuckDB refuses while it writes is looked for once it is written. #}
{% macro spark__persist_constraints(relation, model) -%}
    {%- set never_null = [] -%}
    {%- for column in model.columns.values() if config.get('contract').enforced
        and column.constraints | selectattr('type', 'in', ['not_null', 'primary_key']) | list -%}
        {%- do never_null.append(column.name) -%}
    {%- endfor -%}
    {%- for constraint in model.constraints if constraint.type == 'primary_key' -%}
        {%- do never_null.extend(constraint.columns) -%}
    {%- endfor -%}
    {%- if never_null and run_query(in_duckdb('select count(*) as n from ' ~ relation ~ ' where '
        ~ never_null | unique | join(' is null or ') ~ ' is null')).rows[0][0] -%}
        {{ exceptions.raise_compiler_error(relation ~ ' has rows without ' ~ never_null | unique | join(', ')) }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__get_empty_schema_sql(columns) -%}
    {{ return(in_duckdb(dbt.default__get_empty_schema_sql(columns))) }}
{%- endmacro %}

{% macro spark__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {{ in_duckdb(dbt.default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit)) }}
{%- endmacro %}

{% macro spark__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
    {#- Logarithms and sums of fractions differ in their last digits: twelve are compared. -#}
    {%- set doubles = [] -%}
    {%- for column in adapter.get_columns_in_relation(make_temp_relation(this.incorporate(type='table'))) -%}
        {%- do doubles.append(column.name | lower) if column.dtype == 'double' -%}
    {%- endfor -%}
    {%- set compared = [] -%}
    {%- for name in expected_column_names -%}
        {%- set is_double = name | replace('`', '') | lower in doubles -%}
        {%- do compared.append(twelve_digits(name) ~ ' as ' ~ name if is_double else name) -%}
    {%- endfor -%}
    {#- dbt quotes names for Spark before it knows whose words they stand in. -#}
    {{ in_duckdb(dbt.default__get_unit_test_sql(main_sql, expected_fixture_sql, compared) | replace('`', '"')) }}
{%- endmacro %}

{# A number to its twelfth digit, the same for two that differ behind it. #}
{% macro twelve_digits(number) -%}
    {%- set scale = 'pow(10, 11 - floor(log(abs(' ~ number ~ '))))' -%}
    case
        when isfinite({{ number }}) and {{ number }} <> 0 then round({{ number }} * {{ scale }}) / {{ scale }}
        else {{ number }}
    end
{%- endmacro %}

{% macro spark__get_columns_in_query(select_sql) -%}
    {{ return(dbt.default__get_columns_in_query(in_duckdb(select_sql))) }}
{%- endmacro %}

{# Texts of fixtures stand in DuckDB's SQL, where a quotation mark is doubled. #}
{% macro spark__escape_single_quotes(expression) -%}
    {{ expression | replace("'", "''") }}
{%- endmacro %}

{# Types of seeds are named as DuckDB names them. #}
{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set words = {'varchar': 'string', 'integer': 'int'} -%}
    {%- set given = model['config'].get('column_types', {}) -%}
    {% set sql %}
        create table {{ this.render() }} (
            {%- for name in agate_table.column_names %}
            {%- set type = given.get(name, adapter.convert_type(agate_table, loop.index0)) | lower %}
            {{ name }} {{ words.get(type, type) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        using parquet
    {% endset %}
    {% call statement('_') -%}{{ sql }}{%- endcall %}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark__load_csv_rows(model, agate_table) -%}
    {% set cells = [] %}
    {% for row in agate_table.rows %}{% do cells.extend(row) %}{% endfor %}
    {% set sql = '/*[rows*/' ~ this.render() ~ '/*rows]*/' %}
    {% do adapter.add_query(sql, bindings=cells, abridge_sql_log=True) %}
    {{ return(sql) }}
{%- endmacro %}

{# Whether the warehouse remembers earlier builds: snapshots, and what the gates compare with. #}
{% macro keeps_history() -%}
    {{ return(adapter.dispatch('keeps_history')()) }}
{%- endmacro %}

{% macro default__keeps_history() -%}
    {{ return(true) }}
{%- endmacro %}

{% macro spark__keeps_history() -%}
    {{ return(false) }}
{%- endmacro %}

{# What a raw view reads. Spark numbers the rows of a Parquet file by itself, and reads no CSV here: the
   intake has converted it. #}
{% macro raw_relation(name, path, reader, has_columns_in_path) -%}
    {{ return(adapter.dispatch('raw_relation')(name, path, reader, has_columns_in_path)) }}
{%- endmacro %}

{% macro default__raw_relation(name, path, reader, has_columns_in_path) -%}
    {{ return(reader) }}
{%- endmacro %}

{% macro spark__raw_relation(name, path, reader, has_columns_in_path) -%}
    {% if not path.endswith(('.parquet', '/')) %}
        {{ exceptions.raise_compiler_error(
            path ~ ' is no Parquet file. `make build-spark` converts the raw folder before it reads it.') }}
    {% endif %}
    {% set source = 'parquet.`' ~ path ~ '`' %}
    {% if path.endswith('/') and not has_columns_in_path %}
        {#- Looking for files at any depth is what makes Spark leave `year=2019` a folder. -#}
        {% set source = 'raw.parts_of_' ~ name %}
        {% do run_query('drop table if exists ' ~ source) %}
        {% do run_query('create table ' ~ source ~ ' using parquet options (path \'' ~ path | replace("'", "\\'")
            ~ '\', recursiveFileLookup \'true\')') %}
    {% endif %}
    {% do run_query(
        'create or replace view raw.file_of_' ~ name ~ ' as select *, _metadata.row_index as file_row_number,'
        ~ ' regexp_replace(_metadata.file_path, \'^file:/+\', \'/\') as filename from ' ~ source) %}
    {{ return('raw.file_of_' ~ name) }}
{%- endmacro %}
