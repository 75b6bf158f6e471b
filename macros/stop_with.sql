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

{# More than the share of a file's rows that are of the study; three single rows never are too many, and
   a file of which no row is left always has. `aside` are rows set aside by set_aside_rules(), `rows` all
   rows of the file, those included that went into rows of another file. #}
{% macro too_many_rejected(rejected, aside, rows) -%}
    (
        {{ rejected }} > greatest({{ setting('max_rejected_share') }} * ({{ rows }} - {{ aside }}), 3)
        or {{ rejected }} + {{ aside }} = {{ rows }}
    )
    and {{ rejected }} + {{ aside }} > 0
{%- endmacro %}

{# The same in words, of one file. #}
{% macro rejected_in_words(rejected, aside, rows) -%}
    {{ rejected }} || ' of ' || {{ rows }} || ' rows are rejected'
            || case when {{ aside }} > 0 then ' and ' || {{ aside }} || ' set aside as no city of the study or no sector' else '' end
            || ', most of them like this: ' || most_frequent_reason
            || ' At most {{ '%g' % (100 * setting('max_rejected_share')) }}% may be (var max_rejected_share).'
{%- endmacro %}

{# Rules for rows that are right but are not of the study: set aside, and no fault of their file. #}
{% macro set_aside_rules() -%}
    ('outside_study', 'no_sector')
{%- endmacro %}
