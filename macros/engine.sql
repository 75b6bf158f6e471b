{# What differs between engines lives here, by adapter dispatch. #}

{# Wide to long, nulls kept: one row per key and column. #}
{% macro unpivot_columns(relation, keys, columns, name_to, value_to) -%}
    {{ return(adapter.dispatch('unpivot_columns')(relation, keys, columns, name_to, value_to)) }}
{%- endmacro %}

{% macro duckdb__unpivot_columns(relation, keys, columns, name_to, value_to) -%}
    {%- if not columns %}
    select {{ keys | join(', ') }}, null::varchar as {{ name_to }}, null::double as {{ value_to }}
    from {{ relation }}
    where false
    {%- else %}
    select {{ keys | join(', ') }}, {{ name_to }}, {{ value_to }}
    from {{ relation }}
    unpivot include nulls (
        {{ value_to }} for {{ name_to }} in ({{ columns | join(', ') }})
    )
    {%- endif %}
{%- endmacro %}

{# The percentile that Stata's summarize and winsor2 use (Hyndman and Fan 1996, type 2):
   with h = n p / 100, the mean of the h-th and next order statistic when h is whole,
   otherwise the order statistic after h. Nulls are ignored. #}
{% macro stata_percentile(column, percent) -%}
    {{ return(adapter.dispatch('stata_percentile')(column, percent)) }}
{%- endmacro %}

{% macro duckdb__stata_percentile(column, percent) -%}
    {%- set below = 'cast(floor(count(' ~ column ~ ') * ' ~ percent ~ ' / 100.0) as bigint)' -%}
    case
        when count({{ column }}) = 0 then null
        when count({{ column }}) * {{ percent }} % 100 = 0
            then (
                list_sort(list({{ column }}) filter (where {{ column }} is not null))[{{ below }}]
                + list_sort(list({{ column }}) filter (where {{ column }} is not null))[{{ below }} + 1]
            ) / 2
        else list_sort(list({{ column }}) filter (where {{ column }} is not null))[{{ below }} + 1]
    end
{%- endmacro %}

{# A session setting that one model needs, and its way back. Nothing on engines without it. #}
{% macro engine_setting(name, value) -%}
    {{ return(adapter.dispatch('engine_setting')(name, value)) }}
{%- endmacro %}

{% macro duckdb__engine_setting(name, value) -%}
    {% if value is none %}reset {{ name }}{% else %}set {{ name }} = {{ value }}{% endif %}
{%- endmacro %}

{% macro default__engine_setting(name, value) -%}
    select 1
{%- endmacro %}

{# A number that changes when any value of a column changes, whatever the order of the rows. The key
   belongs into it: two rows that swap their values must not cancel out. #}
{% macro checksum(columns) -%}
    {{ return(adapter.dispatch('checksum')(columns)) }}
{%- endmacro %}

{% macro duckdb__checksum(columns) -%}
    cast(sum(cast(hash({{ columns | join(', ') }}) as hugeint)) % 9007199254740881 as bigint)
{%- endmacro %}

{# A file seen from outside, for file_modified_at; its content is not read. #}
{% macro file_facts(path) -%}
    {{ return(adapter.dispatch('file_facts')(path)) }}
{%- endmacro %}

{% macro duckdb__file_facts(path) -%}
    read_blob({{ path_literal(path) }})
{%- endmacro %}

{# When it was last modified: UTC, a timestamp without zone, whatever the zone of the session. #}
{% macro file_modified_at() -%}
    {{ return(adapter.dispatch('file_modified_at')()) }}
{%- endmacro %}

{% macro duckdb__file_modified_at() -%}
    make_timestamp(epoch_us(last_modified))
{%- endmacro %}

{# The time, as file_modified_at gives it. #}
{% macro utc_now() -%}
    {{ return(adapter.dispatch('utc_now')()) }}
{%- endmacro %}

{% macro duckdb__utc_now() -%}
    make_timestamp(epoch_us(get_current_timestamp()))
{%- endmacro %}

{# Days from one timestamp to another, with their fraction. #}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between')(earlier, later)) }}
{%- endmacro %}

{% macro duckdb__days_between(earlier, later) -%}
    date_diff('second', {{ earlier }}, {{ later }}) / 86400.0
{%- endmacro %}
