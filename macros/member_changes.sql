{# Changes of member records that arrive by month, one Parquet file each, in folder MEMBER_CHANGES_DIR. Counts of
   them, not records, are carried from build to build in schema snapshots: docs/decisions.md, "Members by month". #}

{% macro member_changes_dir() -%}
    {{ env_var('MEMBER_CHANGES_DIR', '').rstrip('/') }}
{%- endmacro %}

{# Whether there is such a folder. Models of staging/platform/changes are part of the project only then. #}
{% macro takes_member_changes() %}
    {{ return(target.type == 'duckdb' and member_changes_dir() != '') }}
{% endmacro %}

{% macro member_change_columns() %}
    {{ return({
        'operation': 'varchar', 'firm_id': 'varchar', 'city_code': 'varchar', 'industry_code': 'varchar',
        'joined_year': 'integer', 'expired_year': 'integer',
    }) }}
{% endmacro %}

{# What names a change's record: the same text, the same record. md5 is the same in every version of DuckDB, which
   its own hash is not, and keys outlive a version. #}
{% macro member_record_key() -%}
    md5_number_lower(concat_ws('|', firm_id, city_code, industry_code, joined_year, coalesce(expired_year, 0)))
{%- endmacro %}

{# Remove what an incremental model holds of the files that are counted (anew) in this build. #}
{% macro forget_due_batches() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where batch in (select batch from feed.member_change_files where is_due)
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}

{# Find the files that are due, and register those alone: months that were counted are not read again. #}
{% macro register_member_changes() %}
    {% if execute and flags.WHICH in ('build', 'run', 'test') and takes_member_changes() %}
        {% do run_query('create schema if not exists feed') %}
        {% do run_query('create or replace table feed.member_change_files as '
            ~ "select parse_filename(filename, true) as batch, filename as path, size, "
            ~ "make_timestamp(epoch_us(last_modified)) as modified_at, false as is_due from read_blob("
            ~ path_literal(member_changes_dir(), '/*.parquet') ~ ')') if member_change_paths() else
            run_query('create or replace table feed.member_change_files (batch varchar, path varchar, size bigint, '
            ~ 'modified_at timestamp, is_due boolean)') %}
        {% set known = adapter.get_relation(target.database, 'snapshots', 'stg_platform__member_change_batches') %}
        {% if not known or flags.FULL_REFRESH or env_var('MEMBER_CHANGES_RECOUNT', '') == '1' %}
            {% do miss_no_file(known) %}
            {% do run_query('update feed.member_change_files set is_due = true') %}
        {% else %}
            {% do mark_due_files(known) %}
        {% endif %}
        {% do register_due_files() %}
    {% endif %}
{% endmacro %}

{% macro member_change_paths() %}
    {{ return(first_column(run_query(
        'select file from glob(' ~ path_literal(member_changes_dir(), '/*.parquet') ~ ') order by file'))) }}
{% endmacro %}

{# A rebuild counts every file: one that was counted before and has gone would be lost in silence. #}
{% macro miss_no_file(known) %}
    {% set gone = first_column(run_query(
        'select batch from ' ~ known ~ ' where batch not in (select batch from feed.member_change_files) '
        ~ 'and rows_in > 0 order by batch')) if known else [] %}
    {% if gone %}
        {{ exceptions.raise_compiler_error(
            'All months are to be counted anew, and ' ~ member_changes_dir() ~ ' has no ' ~ gone | join('.parquet, ')
            ~ '.parquet, which an earlier build counted. Put it back; a month without changes is a file without rows.') }}
    {% endif %}
{% endmacro %}

{# New files, files that changed, and with these every file that shares a record with them, and so on: what one
   of them counts depends on the others. New files alone need no other. #}
{% macro mark_due_files(known) %}
    {% set keys = 'snapshots.stg_platform__member_change_keys' %}
    {% do run_query('update feed.member_change_files set is_due = true where batch not in (select batch from '
        ~ known ~ ')') %}
    {% set found = namespace(batches=first_column(run_query(
        'select known.batch from ' ~ known ~ ' as known inner join feed.member_change_files as files '
        ~ 'on known.batch = files.batch where (known.size, known.modified_at) is distinct from '
        ~ '(files.size, files.modified_at) order by 1')), seen=0) %}
    {% set changed = found.batches | list %}
    {% for _ in range(1000) if found.batches | length > found.seen %}
        {% set found.seen = found.batches | length %}
        {% set list = "('" ~ found.batches | join("', '") ~ "')" %}
        {% set found.batches = first_column(run_query(
            'select distinct batch from ' ~ keys ~ ' where record_key in (select record_key from ' ~ keys
            ~ ' where batch in ' ~ list ~ ") union select unnest(['" ~ found.batches | join("', '")
            ~ "']) order by 1")) %}
    {% endfor %}
    {% if changed %}
        {% set list = "('" ~ found.batches | join("', '") ~ "')" %}
        {% do run_query('update feed.member_change_files set is_due = true where batch in ' ~ list) %}
        {% set here = first_column(run_query('select batch from feed.member_change_files')) %}
        {% set gone = found.batches | reject('in', here) | list %}
        {% if gone %}
            {{ exceptions.raise_compiler_error(
                'File ' ~ changed | join('.parquet, ') ~ '.parquet changed, and shares records with '
                ~ gone | join('.parquet, ') ~ '.parquet, which is no longer in ' ~ member_changes_dir()
                ~ '. Put it back for this build: both are counted anew.') }}
        {% endif %}
    {% endif %}
{% endmacro %}

{% macro register_due_files() %}
    {% set due = run_query('select batch, path from feed.member_change_files where is_due order by batch').rows %}
    {% set paths = [] %}
    {% for row in due %}
        {% if not modules.re.fullmatch('[A-Za-z0-9_-]+', row[0]) %}
            {{ exceptions.raise_compiler_error(
                'File ' ~ shown(row[0]) ~ '.parquet of ' ~ member_changes_dir() ~ ': name files by their month, 2024-03.'
                ~ 'parquet; later ones must sort later.') }}
        {% endif %}
        {% do check_member_change_file(row[1]) %}
        {% do paths.append(path_literal(row[1])) %}
    {% endfor %}
    {% set view %}
        create or replace view feed.platform_member_changes as
        select
            {%- for name, type in member_change_columns().items() %}
            {{ 'cast(' ~ name ~ ' as ' ~ type ~ ')' if paths else 'cast(null as ' ~ type ~ ')' }} as {{ name }},
            {%- endfor %}
            {{ 'parse_filename(filename, true)' if paths else 'cast(null as varchar)' }} as batch,
            {{ 'file_row_number + 1' if paths else 'cast(null as bigint)' }} as source_row
        {% if paths -%}
        from read_parquet([{{ paths | join(', ') }}], filename = true, file_row_number = true,
            hive_partitioning = false, union_by_name = true)
        {%- else -%}
        where false
        {%- endif %}
    {% endset %}
    {% do run_query(view) %}
{% endmacro %}

{# Every column of the contract in its type: files of one folder must agree, or one would be read as another. #}
{% macro check_member_change_file(path) %}
    {% set types = {} %}
    {% for row in run_query('select column_name, column_type from (describe select * from read_parquet('
        ~ path_literal(path) ~ ', hive_partitioning = false))').rows %}
        {% do types.update({row[0]: row[1]}) %}
    {% endfor %}
    {% for name, type in member_change_columns().items() %}
        {% set fitting = ['VARCHAR'] if type == 'varchar' else ['INTEGER', 'SMALLINT', 'BIGINT'] %}
        {% if types.get(name) not in fitting %}
            {{ exceptions.raise_compiler_error(
                path ~ ': column `' ~ name ~ '` ' ~ ('is ' ~ types[name] if name in types else 'is missing')
                ~ ', it must be ' ~ fitting | join(' or ') ~ '. It has: ' ~ types | join(', ')
                ~ '. Write the file anew; docs/how-to/members-by-month.md has the columns.') }}
        {% endif %}
    {% endfor %}
{% endmacro %}

{# Members that a record's changes make in the order of their files: (last inserts) - (first deletes). #}
{% macro members_of_changes(condition='true') -%}
    (
        cast(arg_max(sign, batch) filter (where {{ condition }}) > 0 as integer)
        - cast(arg_min(sign, batch) filter (where {{ condition }}) < 0 as integer)
    )
{%- endmacro %}
