{# What was known when: the times of the snapshots, and reading them as of an earlier time. All UTC. #}

{# The time of this run, the same for every snapshot of it: what the refresh says, else the clock, but
   always later than anything recorded, or a value would end before it began. A view, because dbt asks
   for the time anew in each statement. #}
{% macro register_recording_time() %}
    {% if keeps_history() and execute and flags.WHICH in ('build', 'run', 'test', 'snapshot') %}
        {% set asked = env_var('REFRESH_STARTED_AT', '') %}
        {% set clock = run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f') %}
        {% set asked_time = timestamp_literal(asked, 'REFRESH_STARTED_AT') if asked else "timestamp '" ~ clock ~ "'" %}
        {% set time = run_query(
            'select cast(greatest(' ~ asked_time ~ ', (select max(recorded_at) + interval 1 second from ('
            ~ recorded_times() ~ ') as recorded)) as varchar) as recorded_at').rows[0][0] %}
        {% do run_query('create schema if not exists raw') %}
        {% do run_query(
            "create or replace view raw.recording_time as select timestamp '" ~ time ~ "' as recorded_at") %}
    {% endif %}
{% endmacro %}

{# Every time that stands in a snapshot of this warehouse. #}
{% macro recorded_times() -%}
    select null::timestamp as recorded_at
    {%- for node in graph.nodes.values() if node.resource_type == 'snapshot' %}
    {%- set history = adapter.get_relation(database=target.database, schema=node.schema, identifier=node.alias) %}
    {%- if history %}
    union all
    select greatest(dbt_valid_from, dbt_valid_to) as recorded_at from {{ history }}
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# dbt asks for this name wherever a snapshot needs the time. #}
{% macro duckdb__snapshot_get_time() -%}
    (select recorded_at from raw.recording_time)
{%- endmacro %}

{# A date or a time as SQL; nothing but digits and their marks gets through. A date is all of its day. #}
{% macro timestamp_literal(text, name) -%}
    {%- set text = text | string | trim -%}
    {%- if not is_timestamp(text) -%}
        {{ exceptions.raise_compiler_error(
            name ~ ' is `' ~ text ~ '`: not a date (2026-03-01) or a time in UTC (2026-03-01 02:30:00).') }}
    {%- endif -%}
    {%- set parts = text.replace('T', ' ').replace('Z', '').replace('+00:00', '') -%}
    timestamp '{{ parts if ' ' in parts else parts ~ ' 23:59:59.999999' }}'
{%- endmacro %}

{# Var as_of as SQL; empty where today's values are wanted. #}
{% macro as_of_time() -%}
    {%- if var('as_of', none) -%}{{ timestamp_literal(var('as_of'), 'Var as_of') }}{%- endif -%}
{%- endmacro %}

{# Before anything runs: is there a history that reaches back to as_of? #}
{% macro check_as_of() %}
    {% set time = as_of_time() %}
    {% if time and execute and not keeps_history() %}
        {{ exceptions.raise_compiler_error('Var as_of is for the DuckDB target: this one keeps no history.') }}
    {% endif %}
    {% if time and execute and flags.WHICH in ('build', 'run', 'test', 'snapshot') %}
        {% set place = 'Var as_of is `' ~ var('as_of') ~ '`: ' %}
        {% set history = adapter.get_relation(
            database=target.database, schema='snapshots', identifier='snapshot_yearbook') %}
        {% if run_query("select try_cast('" ~ time.split("'")[1] ~ "' as timestamp)").rows[0][0] is none %}
            {{ exceptions.raise_compiler_error(place ~ 'there is no such day or time.') }}
        {% elif not history %}
            {{ exceptions.raise_compiler_error(
                place ~ 'this warehouse has no history. `make as-of DATE=...` takes it from the last published build.') }}
        {% endif %}
        {% set known = run_query(
            'select cast(min(dbt_valid_from) as varchar), min(dbt_valid_from) <= ' ~ time
            ~ ', date_trunc(\'day\', ' ~ time ~ ') <= greatest(max(dbt_valid_from), (select recorded_at from raw.recording_time))'
            ~ ' from ' ~ history ~ ' where data_origin = ' ~ data_origin()).rows[0] %}
        {% if known[0] is none %}
            {{ exceptions.raise_compiler_error(
                place ~ 'nothing is recorded of data like those in ' ~ raw_data_dir() ~ ' (data_origin).') }}
        {% elif not known[1] %}
            {{ exceptions.raise_compiler_error(place ~ 'the first values were recorded ' ~ known[0] ~ ' UTC.') }}
        {% elif not known[2] %}
            {{ exceptions.raise_compiler_error(place ~ 'that is in the future.') }}
        {% endif %}
    {% endif %}
{% endmacro %}

{# Condition: a version of a snapshot was the valid one at a time. #}
{% macro valid_at(time) -%}
    dbt_valid_from <= {{ time }} and coalesce(dbt_valid_to > {{ time }}, true)
{%- endmacro %}

{# Open rows of this snapshot that this run has nothing to say about, to be handed to it as they are:
   rows of the other data_origin, which are not withdrawn because other files were built today, and every
   row where as_of is set, because looking back records nothing. #}
{% macro rows_that_stand(columns) -%}
    {%- set as_of = as_of_time() -%}
    {%- if execute and load_relation(this) %}
        {%- if not as_of %}
union all
        {%- endif %}
select {{ columns | join(', ') }}
from {{ this }}
where dbt_valid_to is null {%- if not as_of %} and data_origin <> {{ data_origin() }} {%- endif %}
    {%- endif %}
{%- endmacro %}

{# A series that is new in the contract becomes an empty column of the history. Left to dbt, every row
   would count as revised. #}
{% macro add_new_series() %}
    {% if execute and load_relation(this) %}
        {% set known = adapter.get_columns_in_relation(this) | map(attribute='name') | list %}
        {% for series in supplied_series() if series not in known %}
            {% do run_query('alter table ' ~ this ~ ' add column ' ~ series ~ ' double') %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# Each change on record: what stood before and what after, null where nothing was valid. The first
   appearance of a key is marked, not left out.

   relation   versions with dbt_valid_from and dbt_valid_to
   keys       what a version is a version of
   values     columns that get `_before` and `_after` #}
{% macro changes_on_record(relation, keys, values) -%}
    {%- set beside %}
    (
        select
            *,
            lag(dbt_valid_from) over versions as previous_valid_from,
            lag(dbt_valid_to) over versions as previous_valid_to,
            lead(dbt_valid_from) over versions as next_valid_from
            {%- for value in values %},
            lag({{ value }}) over versions as previous_{{ value }}
            {%- endfor %}
        from {{ relation }}
        window versions as (partition by {{ keys | join(', ') }} order by dbt_valid_from)
    ) as beside
    {%- endset %}
    select
        {{ keys | join(', ') }},
        dbt_valid_from as changed_at,
        previous_valid_from is null as is_first_appearance,
        coalesce(previous_valid_to <> dbt_valid_from, true) as is_whole_row
        {%- for value in values %},
        case when previous_valid_to = dbt_valid_from then previous_{{ value }} end as {{ value }}_before,
        {{ value }} as {{ value }}_after
        {%- endfor %}
    from {{ beside }}
    union all
    -- Withdrawn: the version ended and no other took its place.
    select
        {{ keys | join(', ') }},
        dbt_valid_to as changed_at,
        false as is_first_appearance,
        true as is_whole_row
        {%- for value in values %},
        {{ value }} as {{ value }}_before,
        null as {{ value }}_after
        {%- endfor %}
    from {{ beside }}
    where dbt_valid_to is not null and coalesce(next_valid_from <> dbt_valid_to, true)
{%- endmacro %}
