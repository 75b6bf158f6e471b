{# The raw folder as relations. The contract is models/staging/_raw__sources.yml, and seed raw_columns for the
   series of the yearbook. #}

{% macro raw_data_dir() -%}
    {{ env_var('RAW_DATA_DIR', 'data/simulated').rstrip('/') }}
{%- endmacro %}

{# The folder of the seeds: <folder>/study/*.csv and <folder>/reference/*.csv. A relative path is one of the
   project, wherever dbt was started. #}
{% macro seeds_dir() -%}
    {%- set folder = (env_var('STUDY_SEEDS', '') or 'seeds').rstrip('/') -%}
    {{ folder if folder.startswith('/') else invocation_args_dict.get('project_dir', '.') ~ '/' ~ folder }}
{%- endmacro %}

{# Rows of a seed as dicts of texts, an empty cell none, from its file: models and views take columns from
   seeds before dbt has loaded them. A file is read once in a run; what was read stands in the graph, the one
   thing that all models of a run share. #}
{% macro seed_file_rows(name) %}
    {% set key = 'rows of seed ' ~ name %}
    {% if execute and key not in graph %}
        {% set table = run_query(of_files('select * from read_csv(' ~ path_literal(seeds_dir(), '/*/' ~ name ~ '.csv')
            ~ ", header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"')")) %}
        {% set rows = [] %}
        {% for row in table.rows %}
            {% set cells = {} %}
            {% for column in table.column_names %}
                {% do cells.update({column: row[loop.index0]}) %}
            {% endfor %}
            {% do rows.append(cells) %}
        {% endfor %}
        {% do graph.update({key: rows}) %}
    {% endif %}
    {{ return(graph[key] if execute else []) }}
{% endmacro %}

{# Columns of a raw file, as dicts: name, type, and what the contract's meta says. The contract has all columns
   of a table but the series of the yearbook, which are rows of seed raw_columns. #}
{% macro raw_columns(table_name) %}
    {% set columns = [] %}
    {% if execute %}
        {% set node = graph.sources['source.' ~ project_name ~ '.raw.' ~ table_name] %}
        {% for name, column in node.columns.items() %}
            {% set item = {'name': name, 'type': column.data_type} %}
            {% for flag in ('is_key', 'may_be_empty', 'is_label', 'may_be_negative') %}
                {% do item.update({flag: column.meta.get(flag, column.config.meta.get(flag, false))}) %}
            {% endfor %}
            {% do columns.append(item) %}
        {% endfor %}
        {% if table_name == 'city_yearbook' %}
            {% do columns.extend(series_of_seed()) %}
        {% endif %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}

{# The yearbook's series as seed raw_columns lists them, each of whose names can stand in SQL. #}
{% macro series_of_seed() %}
    {% set columns = [] %}
    {% for row in seed_file_rows('raw_columns') if row.table_name == 'city_yearbook' %}
        {% if not is_identifier(row.column_name) %}
            {{ exceptions.raise_compiler_error(
                'Seed raw_columns: ' ~ shown(row.column_name) ~ ' is no name of a series. Write lower-case letters, '
                ~ 'digits and underscores, a letter first.') }}
        {% endif %}
        {% do columns.append({
            'name': row.column_name,
            'type': 'double',
            'is_key': false,
            'may_be_empty': false,
            'is_label': false,
            'may_be_negative': row.may_be_negative == 'true',
            'is_lumpy': row.is_lumpy == 'true',
            'fills_edges': row.edge_fill == 'nearest',
            'is_auxiliary': row.get('is_auxiliary') == 'true',
            'highest_median': row.get('highest_median') or 0,
        }) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{# Every raw table with the models that hold its judged and its accepted rows, the columns that
   name a row, and the year of a row. #}
{% macro raw_tables() %}
    {{ return({
        'city_yearbook': {
            'judged': 'base_yearbook__city_years', 'staged': 'stg_yearbook__city_years', 'keys_of_row': 'city_code, year',
            'year': 'year',
        },
        'platform_members': {
            'judged': 'base_platform__members', 'staged': 'stg_platform__members', 'keys_of_row': 'firm_id',
            'year': 'joined_year',
        },
        'platform_member_counts': {
            'judged': 'base_platform__member_counts', 'staged': 'stg_platform__member_counts',
            'keys_of_row': 'city_code, industry_code, year', 'year': 'year',
        },
        'input_output_flows': {
            'judged': 'base_input_output__flows', 'staged': 'stg_input_output__flows',
            'keys_of_row': 'year, supplying_sector, using_sector', 'year': 'year',
        },
        'industry_output': {
            'judged': 'base_input_output__industry_output', 'staged': 'stg_input_output__industry_output',
            'keys_of_row': 'year, sector', 'year': 'year',
        },
        'economic_census_employment': {
            'judged': 'base_census__employment', 'staged': 'stg_census__employment', 'keys_of_row': 'city_code, industry_code',
            'year': '2008',
        },
        'national_series': {
            'judged': 'base_national__series', 'staged': 'stg_national__series', 'keys_of_row': 'year', 'year': 'year',
        },
        'policy_pilots': {
            'judged': 'base_policy__pilots', 'staged': 'stg_policy__pilots', 'keys_of_row': 'policy_id, city_code, batch',
            'year': 'year',
        },
    }) }}
{% endmacro %}

{# The yearbook's numeric series: what cleaning fills and codes cell by cell. #}
{% macro yearbook_series() %}
    {{ return(series_of_seed() | rejectattr('is_auxiliary') | map(attribute='name') | list) }}
{% endmacro %}

{# Series that others are derived from: staged, judged and kept with their revisions, never filled themselves. #}
{% macro auxiliary_series() %}
    {{ return(series_of_seed() | selectattr('is_auxiliary') | map(attribute='name') | list) }}
{% endmacro %}

{# Both: what a file may hold. #}
{% macro supplied_series() %}
    {{ return(yearbook_series() + auxiliary_series()) }}
{% endmacro %}

{# One view per raw file, made before any model runs. #}
{% macro register_raw_inputs() %}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'snapshot') %}
        {% set folder = raw_data_dir() %}
        {% if '\\' in folder %}
            {{ exceptions.raise_compiler_error(
                'The raw folder is ' ~ shown(folder) ~ '. Rename it: its path may hold no backslash.') }}
        {% endif %}
        {% do run_query('create schema if not exists raw') %}
        {% set files = first_column(
            run_query(of_files('select file from glob(' ~ path_literal(folder, '/*') ~ ') order by file'))) %}
        {% set parted = first_column(run_query(of_files(
            "select distinct regexp_extract(file, '^.{" ~ folder | length ~ "}/[^/]+') from glob("
            ~ path_literal(folder, '/*/**/*.parquet') ~ ')'))) %}
        {% for node in graph.sources.values() if node.source_name == 'raw' %}
            {% set found = [] %}
            {% for extension in ('parquet', 'csv') %}
                {% set path = folder ~ '/' ~ node.name ~ '.' ~ extension %}
                {% if path in files %}{% do found.append(path) %}{% endif %}
            {% endfor %}
            {#- A folder of the table's name holds its parts; `year=2019` in their path is a folder, not a column. -#}
            {% if folder ~ '/' ~ node.name in parted %}{% do found.append(folder ~ '/' ~ node.name ~ '/') %}{% endif %}
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
    {% set present = {} %}
    {% if found %}
        {% set is_folder = found[0].endswith('/') %}
        {% set file = path_literal(found[0], '**/*.parquet') if is_folder else path_literal(found[0]) %}
        {% do check_parts_agree(found[0], file) if is_folder %}
        {% if not is_folder and run_query(of_files('select size from read_blob(' ~ file ~ ')')).rows[0][0] == 0 %}
            {{ exceptions.raise_compiler_error(
                found[0] ~ ' is empty (0 bytes). Copy the file anew, or remove it if there are no such data.') }}
        {% endif %}
        {% set in_path = columns_in_path(found[0], file, columns) if is_folder else [] %}
        {% set reader = 'read_parquet(' ~ file ~ ', file_row_number = true'
            ~ (', hive_types_autocast = false' if in_path else '') ~ ', hive_partitioning = ' ~ (in_path != []) | lower
            ~ (', filename = true' if is_folder else '') ~ ')'
            if is_folder or found[0].endswith('.parquet') else csv_reader(found[0], columns) %}
        {% for row in run_query(of_files('select column_name, column_type from (describe select * from ' ~ reader ~ ')')).rows %}
            {% do present.update({row[0]: row[1]}) %}
        {% endfor %}
        {% for column in columns if column.is_key and column.name not in present %}
            {{ exceptions.raise_compiler_error(
                found[0] ~ ' has no column `' ~ column.name ~ '`. It has: '
                ~ present | reject('equalto', 'file_row_number') | join(', ')
                ~ '. Rename or add the column; the contract is in models/staging/_raw__sources.yml.') }}
        {% endfor %}
    {% endif %}
    {% set query %}
        select
            {%- for column in columns %}
            {{ raw_value(column, present.get(column.name)) }} as {{ column.name }},
            {%- endfor %}
            {%- if 'source_file' not in columns | map(attribute='name') %}
            {{ raw_place(name, found, present) }},
            {%- endif %}
            {{ unreadable_cells(columns, present) }} as unreadable
        {% if found %}from {{ raw_relation(name, found[0], reader, in_path != []) }}{% else %}where false{% endif %}
    {% endset %}
    {% do run_query('create or replace view raw.' ~ name ~ ' as ' ~ in_duckdb(query)) %}
{% endmacro %}

{# Columns that the parts of a table have in their path, `joined_year=2019/part-0.parquet`, as their writers took them
   out of the files. What a file holds itself is read there: then `year=2019` is a folder, not a column. #}
{% macro columns_in_path(folder, files, columns) %}
    {% set own = first_column(run_query(of_files('select distinct name from parquet_schema(' ~ files ~ ')'))) %}
    {% set above = first_column(run_query(of_files(
        "select distinct unnest(regexp_extract_all(substr(file, " ~ folder | length ~ "), '/([^/=]+)=', 1)) from glob("
        ~ files ~ ')'))) %}
    {% set in_path = columns | map(attribute='name') | select('in', above) | reject('in', own) | list %}
    {% set twice = above | select('in', own) | list %}
    {% if in_path and twice %}
        {{ exceptions.raise_compiler_error(
            folder ~ ' has `' ~ in_path[0] ~ '` in its path alone, and `' ~ twice[0] ~ '` both there and in its files, '
            ~ 'which may differ. Write all columns into the files, or none of those in the path.') }}
    {% endif %}
    {{ return(in_path) }}
{% endmacro %}

{# Parts of one table have one form: DuckDB would read all of them by the first. #}
{% macro check_parts_agree(folder, files) %}
    {% set forms = run_query(of_files(
        "select columns, min(file_name) as part, count(*) as n_parts from (select file_name, string_agg(name || ' ' || "
        ~ "coalesce(duckdb_type, type), ', ' order by name) as columns from parquet_schema(" ~ files
        ~ ') where type is not null group by file_name) as forms group by columns order by n_parts desc, part')).rows %}
    {% if forms | length > 1 %}
        {{ exceptions.raise_compiler_error(
            'The files of ' ~ folder ~ ' are of ' ~ forms | length ~ ' forms: ' ~ forms[0][1] ~ ' has ' ~ forms[0][0]
            ~ '; ' ~ forms[1][1] ~ ' has ' ~ forms[1][0] ~ '. Write all with the same columns and types.') }}
    {% endif %}
{% endmacro %}

{# One column in the type of the contract; null where the file's text or number does not fit it. #}
{% macro raw_value(column, file_type) -%}
    {#- Trimmed text: DuckDB would move a bare try_cast into its CSV reader, and fail there. -#}
    {%- set name = 'trim(' ~ column.name ~ ')' if file_type == 'VARCHAR' and column.type != 'varchar' else column.name -%}
    {%- if not file_type -%}
        cast(null as {{ column.type }})
    {%- elif column.type == 'double' -%}
        case when isfinite(try_cast({{ name }} as double)) then try_cast({{ name }} as double) end
    {%- elif column.name == 'city_code' and file_type == 'VARCHAR' -%}
        {#- A code that some program held as a fraction, and wrote so. -#}
        case when ends_with(trim({{ name }}), '.0') then replace({{ name }}, '.0', '') else {{ name }} end
    {%- elif file_type | lower == column.type -%}
        {{ name }}
    {%- elif column.type == 'varchar' and file_type in ('DOUBLE', 'FLOAT') -%}
        {#- Codes that some program held as numbers: 350400, not 350400.0. -#}
        case when {{ name }} = trunc({{ name }}) then cast(try_cast({{ name }} as bigint) as varchar)
            else cast({{ name }} as varchar) end
    {%- elif column.type == 'varchar' -%}
        cast({{ name }} as varchar)
    {%- else -%}
        case when try_cast({{ name }} as double) = trunc(try_cast({{ name }} as double))
            then try_cast(try_cast({{ name }} as double) as {{ column.type }}) end
    {%- endif -%}
{%- endmacro %}

{# Where a record stands: the file and the row as a person sees it (a CSV's header is row 1, the first
   record of a Parquet file too).
   Rows of firm records in CSV are not counted: numbering them would read the file in one thread. #}
{% macro raw_place(name, found, present) -%}
    {%- if found and found[0].endswith('/') -%}
        {%- set default_file = "substr(filename, " ~ (found[0] | length - name | length) ~ ")" -%}
    {%- else -%}
        {%- set default_file = "'" ~ found[0].split('/')[-1] ~ "'" if found else 'cast(null as varchar)' -%}
    {%- endif -%}
    {%- if 'source_file' in present -%}
        coalesce(cast(source_file as varchar), {{ default_file }}) as source_file,
    {%- else -%}
        {{ default_file }} as source_file,
    {%- endif %}
    {% if 'source_row' in present -%}
        try_cast(trim(cast(source_row as varchar)) as bigint) as source_row
    {%- elif 'file_row_number' in present -%}
        file_row_number + 1 as source_row
    {%- elif found and name != 'platform_members' -%}
        row_number() over () + 1 as source_row
    {%- else -%}
        cast(null as bigint) as source_row
    {%- endif %}
{%- endmacro %}

{# Cells of a record that hold something other than their column should, in words; else null. #}
{% macro unreadable_cells(columns, present) -%}
    {%- set cells = [] -%}
    {%- for column in columns if column.name in present and column.type != 'varchar' -%}
        {%- if present[column.name] | lower == 'double' and column.type == 'double' -%}
            {%- set is_faulty = 'isinf(' ~ column.name ~ ')' -%}
        {%- elif present[column.name] | lower == column.type -%}
            {%- set is_faulty = none -%}
        {%- elif column.type == 'double' -%}
            {%- set is_faulty = "trim(cast(" ~ column.name ~ " as varchar)) <> '' and coalesce(isinf(try_cast("
                ~ column.name ~ " as double)), true)" -%}
        {%- else -%}
            {%- set is_faulty = "trim(cast(" ~ column.name ~ " as varchar)) <> '' and ("
                ~ raw_value(column, present[column.name]) ~ ") is null" -%}
        {%- endif -%}
        {%- if is_faulty -%}
            {%- set noun = 'a number' if column.type == 'double' else 'a whole number' -%}
            {%- do cells.append("case when " ~ is_faulty ~ " then 'column `" ~ column.name ~ "`: ''' || "
                ~ column.name ~ " || ''' is not " ~ noun ~ "' end") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if cells -%}
        nullif(concat_ws('; ', {{ cells | join(', ') }}), '')
    {%- else -%}
        cast(null as varchar)
    {%- endif -%}
{%- endmacro %}
