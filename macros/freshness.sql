{# How old the raw files are: the time at which whoever supplies them last changed them. #}

{# Files of the raw folder that bear a contract table's name: a dict of table to path. #}
{% macro contract_files() %}
    {% set found = {} %}
    {% if execute %}
        {% set pattern = path_literal(raw_data_dir(), '/*') %}
        {% for path in first_column(run_query('select file from glob(' ~ pattern ~ ') order by file')) %}
            {% set name, _, extension = path.split('/')[-1].rpartition('.') %}
            {% if extension in ('parquet', 'csv') %}{% do found.update({name: path}) %}{% endif %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}

{# loaded_at_query of a source, for `dbt source freshness`. It asks the folder, since the views of the
   schema raw are registered by builds only. A required file that is absent counts as endlessly old;
   an optional one is not late, only absent: quality.fct_availability has it. #}
{% macro supplied_at_query(source_node) -%}
    {%- set path = contract_files().get(source_node.name) -%}
    {%- if path -%}
        select {{ file_modified_at() }} from {{ file_facts(path) }}
    {%- elif source_node.config.meta.get('required', false) -%}
        select cast(null as timestamp)
    {%- else -%}
        select {{ utc_now() }}
    {%- endif -%}
{%- endmacro %}

{# Every raw file with its time: table_name, source_file, modified_at (UTC, whole seconds). Needs CTE
   `raw_files`, the source of that name. Of files that
   the intake converted it hands on the time; files already in the contract are asked themselves. #}
{% macro raw_file_times() -%}
    select
        table_name,
        source_file,
        modified_at
    from raw_files
    where modified_at is not null
    {% for table, path in contract_files().items() if table in raw_tables() %}
    union all
    select
        '{{ table }}' as table_name,
        '{{ path.split('/')[-1] | replace("'", "''") }}' as source_file,
        {{ file_modified_at() }} as modified_at
    from {{ file_facts(path) }}
    where '{{ table }}' not in (select table_name from raw_files where modified_at is not null)
    {% endfor %}
{%- endmacro %}

{# Days after which a raw table is stale: warn_after in models/staging/_raw__sources.yml; none where it
   has none. #}
{% macro freshness_limit_days(table) -%}
    {%- set days = {'minute': 1 / 1440, 'hour': 1 / 24, 'day': 1} -%}
    {%- set limit = namespace(days='null') -%}
    {%- if execute -%}
        {%- set after = graph.sources['source.' ~ project_name ~ '.raw.' ~ table].freshness.warn_after -%}
        {%- if after and after.count -%}{%- set limit.days = after.count * days[after.period] -%}{%- endif -%}
    {%- endif -%}
    cast({{ limit.days }} as double)
{%- endmacro %}

{# When the run began: UTC, whole seconds. #}
{% macro built_at() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
{%- endmacro %}
