{# What a gate on raw tables found, as the expectations read it: where it stands before what it is. What is far
   below its limit need not be stored. `found` holds kind, table_name, column_name, subject, times_limit and
   finding, a sentence without its full stop. #}
{% macro named_findings(found) -%}
    select
        kind,
        table_name,
        column_name,
        subject,
        times_limit,
        table_name || ', column ' || column_name || ': ' || finding || '.' as finding
    from {{ found }}
    where times_limit > 0.5
{%- endmacro %}
