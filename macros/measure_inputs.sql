{# Which series of the yearbook a measure is computed from: rows of seed measure_inputs. #}

{% macro measure_inputs() %}
    {{ return(seed_file_rows('measure_inputs')) }}
{% endmacro %}

{# A series in the role that it has in a measure, in the unit that the formula wants; a null where the study
   has no such row: the measure is then missing, and the study builds without it. #}
{% macro measure_input(measure, role) -%}
    {%- set found = [] -%}
    {%- for row in measure_inputs() if row.measure == measure and row.role == role -%}
        {%- if not is_identifier(row.series) or modules.re.fullmatch('[0-9]+([.][0-9]+)?(e-?[0-9]+)?', row.factor) is none -%}
            {{ exceptions.raise_compiler_error(
                'Seed measure_inputs, ' ~ measure ~ ', ' ~ role ~ ': ' ~ shown(row.series) ~ ' times '
                ~ shown(row.factor) ~ ' is no series times a number. Correct the row.') }}
        {%- endif -%}
        {%- do found.append(row.series ~ ('' if row.factor == '1' else ' * ' ~ row.factor)) -%}
    {%- endfor -%}
    {{ found[0] if found else 'cast(null as double)' }}
{%- endmacro %}
