{# Words of a list of pilots as the study writes them: names of policies, batches and scopes. #}

{# What spellings are compared by: case, width of digits, blanks and punctuation do not matter.
   urban_resilience.intake.recognition.shapes.pilots.word_key says the same in Python. #}
{% macro word_key(text) -%}
    regexp_replace(
        translate(lower({{ text }}), '０１２３４５６７８９', '0123456789'), '[^\p{L}\p{N}]', '', 'g'
    )
{%- endmacro %}

{# A cell of raw table `policy_pilots` as seed pilot_aliases reads it; one that no row knows stays as it
   is, a number loses its `.0`. Needs CTE `pilot_aliases`, the seed of that name. #}
{% macro aliased(column) -%}
    coalesce(
        (
            select min(aliases.value)
            from pilot_aliases as aliases
            where aliases.column_name = '{{ column }}'
                and {{ word_key('aliases.alias') }} = {{ word_key(whole_number_text(column)) }}
        ),
        {{ whole_number_text(column) }}
    )
{%- endmacro %}

{% macro whole_number_text(column) -%}
    regexp_replace(trim({{ column }}), '^([0-9]+)[.]0*$', '\1')
{%- endmacro %}

{# The first dates of a city, of the pilots that a group of rows names. #}
{% macro first_pilot_dates() -%}
    min(year) filter (where scope = 'full') as first_full_year,
        min(announced_year) filter (where scope = 'full') as first_full_announced_year,
        min(year) filter (where scope = 'partial') as first_partial_year,
        min(announced_year) filter (where scope = 'partial') as first_partial_announced_year
{%- endmacro %}
