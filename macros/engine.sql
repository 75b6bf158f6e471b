{# Words of DuckDB that models share. Spark gets them translated (macros/spark.sql). #}

{# Wide to long, nulls kept: one row per key and column; none without columns. #}
{% macro unpivot_columns(relation, keys, columns, name_to, value_to) -%}
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

{# Of columns whose names begin alike, the one at a place; places count from 1. #}
{% macro element_of(prefix, columns, place) -%}
    [{% for column in columns %}{{ prefix ~ column }}{{ ', ' if not loop.last }}{% endfor %}][{{ place }}]
{%- endmacro %}

{# A number rounded to so many significant digits: what differs by rounding alone becomes equal. #}
{% macro significant(value, digits) -%}
    case
        when {{ value }} = 0 then 0
        else round({{ value }}, {{ digits - 1 }} - cast(floor(log10(abs({{ value }}))) as integer))
    end
{%- endmacro %}

{# The percentile that Stata's summarize and winsor2 use (Hyndman and Fan 1996, type 2):
   with h = n p / 100, the mean of the h-th and next order statistic when h is whole,
   otherwise the order statistic after h. Nulls are ignored. #}
{% macro stata_percentile(column, percent) -%}
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
    cast(sum(cast(hash({{ columns | join(', ') }}) as hugeint)) % 9007199254740881 as bigint)
{%- endmacro %}

{# A file seen from outside, for file_modified_at; its content is not read. #}
{% macro file_facts(path) -%}
    read_blob({{ path_literal(path) }})
{%- endmacro %}

{# When it was last modified: UTC, a timestamp without zone, whatever the zone of the session. #}
{% macro file_modified_at() -%}
    make_timestamp(epoch_us(last_modified))
{%- endmacro %}

{# The time, as file_modified_at gives it. #}
{% macro utc_now() -%}
    make_timestamp(epoch_us(get_current_timestamp()))
{%- endmacro %}

{# Days from one timestamp to another, with their fraction. #}
{% macro days_between(earlier, later) -%}
    date_diff('second', {{ earlier }}, {{ later }}) / 86400.0
{%- endmacro %}

{# Of correlation matrices (lists of lists, rows of zeros for what is left out) the conflict of each row
   with the others and its loading on the first principal component.

   The matrix is squared 32 times at a trace of one: what is left is v v', with v the eigenvector of the
   largest eigenvalue, whose entries squared stand in the diagonal. Where two eigenvalues are as large as
   one another to nine digits, the rest has more than one direction, and there are no loadings. The sign
   makes the largest loading positive, the first of equal ones. #}
{% macro conflicts_and_loadings(correlations) -%}
    with recursive traced as (

        select
            scope_year,
            correlations,
            range(1, array_length(correlations) + 1) as places,
            list_sum(list_transform(range(1, array_length(correlations) + 1), lambda i: correlations[i][i])) as trace
        from {{ correlations }}

    ),

    squared as (

        select
            scope_year,
            0 as step,
            list_transform(correlations, lambda r: list_transform(r, lambda x: x / trace)) as power
        from traced
        where trace > 0
        union all
        select
            scope_year,
            step + 1 as step,
            list_transform(power, lambda r: list_transform(power, lambda k: list_dot_product(r, k) / trace)) as power
        from (
            select
                *,
                list_sum(list_transform(power, lambda r: list_dot_product(r, r))) as trace
            from squared
            where step < 32
        ) as sized

    ),

    components as (

        select
            traced.*,
            squared.power,
            list_transform(traced.places, lambda i: squared.power[i][i]) as shares,
            list_sum(list_transform(traced.places, lambda i: list_dot_product(squared.power[i], traced.correlations[i])))
                as eigenvalue,
            list_sum(list_transform(squared.power, lambda r: list_dot_product(r, r))) > 1 - 1e-9 as is_unique
        from traced
        left join squared on traced.scope_year is not distinct from squared.scope_year and squared.step = 32

    ),

    oriented as (

        select
            *,
            list_position(shares, list_max(shares)) as heaviest
        from components

    )

    select
        scope_year,
        list_transform(correlations, lambda r: case when trace = 1 then 1 else trace - list_sum(r) end) as conflicts,
        case
            when is_unique
                then list_transform(power, lambda r: sqrt(eigenvalue) * r[heaviest] / sqrt(power[heaviest][heaviest]))
        end as loadings
    from oriented
{%- endmacro %}
