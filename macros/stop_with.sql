{# A data test that says itself what is wrong: dbt prints only how many rows a test found, an error
   of the engine is printed in full. `faults` is a relation with a column `message`. The error stands
   in `having`, because dbt counts the rows and the engine drops columns nobody reads. #}
{% macro stop_with(faults, limit=5) -%}
    select count(*) as faults
    from (select message, row_number() over (order by message) as fault_number from {{ faults }}) as numbered
    having
        case when count(*) > 0 then error(
            string_agg(message, chr(10) order by fault_number) filter (where fault_number <= {{ limit }})
            || case when count(*) > {{ limit }} then chr(10) || '... and ' || (count(*) - {{ limit }}) || ' more' else '' end
        ) is null else false end
{%- endmacro %}

{# More than the share of a file's rows; three single rows never are too many, all rows always are. #}
{% macro too_many_rejected(rejected, rows) -%}
    ({{ rejected }} > greatest({{ var('max_rejected_share') }} * {{ rows }}, 3) or {{ rejected }} = {{ rows }})
        and {{ rejected }} > 0
{%- endmacro %}
