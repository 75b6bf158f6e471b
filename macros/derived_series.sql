{# Series that are derived from others where the yearbook leaves a cell empty: rows of seed derived_series,
   compiled by int_variables_checked. #}

{# Rows of the seed that the study uses, in their order. #}
{% macro derivations() %}
    {% set rows = [] %}
    {% for row in seed_file_rows('derived_series') if not row.only_if or setting(row.only_if) %}
        {% for column, name in (('derivation', row.derivation), ('series', row.series), ('imputation_code', row.imputation_code))
            if not is_identifier(name) %}
            {{ exceptions.raise_compiler_error('Seed derived_series: ' ~ column ~ ' ' ~ shown(name)
                ~ ' is no name. Write lower-case letters, digits and underscores, a letter first.') }}
        {% endfor %}
        {% do rows.append(row) %}
    {% endfor %}
    {{ return(rows) }}
{% endmacro %}

{# Columns of the stage. A row that the study does not use gives nothing; nor does one fill a cell that a
   decision is about, or give a level below zero. #}
{% macro derived_steps() %}
    {% set used = {} %}
    {% for row in derivations() %}{% do used.update({row.derivation: row}) %}{% endfor %}
    {% set signed = series_of_seed() | selectattr('may_be_negative') | map(attribute='name') | list %}
    {% set steps = variable_steps('derived') %}
    {% for step in steps if step.definition %}
        {% if step.definition not in used %}
            {% do step.update({'sql': 'null'}) %}
        {% else %}
            {% set series = used[step.definition].series %}
            {% set is_level = '' if series in signed else ' and ' ~ step.sql ~ ' >= 0' %}
            {% do step.update({
                'sql': 'case when not _is_decided_' ~ series ~ is_level ~ ' then ' ~ step.sql ~ ' end'
            }) %}
        {% endif %}
    {% endfor %}
    {{ return(steps) }}
{% endmacro %}

{# Codes of cells that a row fills, quoted for SQL. #}
{% macro derivation_codes() -%}
    {%- set codes = [] -%}
    {%- for row in seed_file_rows('derived_series') if row.imputation_code not in codes -%}
        {%- do codes.append("'" ~ row.imputation_code ~ "'") -%}
    {%- endfor -%}
    {{ codes | unique | join(', ') or "''" }}
{%- endmacro %}
