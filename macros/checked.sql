{# Nothing from a seed, a var or a path becomes SQL before it has been looked at here. #}

{% macro is_identifier(value) %}
    {{ return(value is string and modules.re.fullmatch('[a-z][a-z0-9_]{0,62}', value) is not none) }}
{% endmacro %}

{# A number between two bounds; NaN and infinity are between none. #}
{% macro is_number_within(value, lowest, highest) %}
    {{ return(value is number and value is not boolean and value == value and lowest <= value and value <= highest) }}
{% endmacro %}

{# A date, or a time in UTC: digits and their marks, nothing else. #}
{% macro is_timestamp(value) %}
    {% set form = '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+]00:00)?)?' %}
    {{ return(modules.re.fullmatch(form, value | string | trim) is not none) }}
{% endmacro %}

{# A text from outside as part of a message: on one line, and not without end. #}
{% macro shown(value) %}
    {% set text = (value | string).replace('\n', ' ') %}
    {{ return('`' ~ (text if text | length <= 60 else text[:60] ~ '...') ~ '`') }}
{% endmacro %}

{# SQL string literal of a path that means this path only: `?`, `*` and `[` are letters of a name. #}
{% macro path_literal(path, pattern='') -%}
    '{{ modules.re.sub('([\\[*?])', '[\\1]', path).replace("'", "''") }}{{ pattern }}'
{%- endmacro %}

{# What may stand in the columns of the seeds that shape SQL: a kind, or the list of words. #}
{% macro seed_kinds() %}
    {% set directions = ['positive', 'negative'] %}
    {{ return({
        'resilience_indicators': {
            'indicator_id': 'identifier',
            'indicator_set': 'identifier',
            'dimension': 'identifier',
            'transformation': ['ratio', 'level', 'rolling_sd_3'],
            'numerator': 'series',
            'denominator': 'series or empty',
            'scale': 'number',
            'direction_as_printed': directions,
            'direction_used': directions,
        },
        'index_definitions': {
            'index_id': 'identifier',
            'indicator_set': 'identifier',
            'direction': ['used', 'as_printed'],
            'scope': ['pooled', 'by_year'],
            'zero_shift': 'number',
        },
    }) }}
{% endmacro %}

{# Stop unless every cell of the rows is of its kind; the key is the first column. #}
{% macro check_seed_rows(seed_name, rows) %}
    {% set kinds = seed_kinds()[seed_name] %}
    {% set key = kinds | first %}
    {% for row in rows %}
        {% for column, kind in kinds.items() %}
            {% set allowed = seed_fault(row[column], kind) %}
            {% if allowed %}
                {{ exceptions.raise_compiler_error(
                    'Seed ' ~ seed_name ~ ', row ' ~ shown(row[key]) ~ ', column `' ~ column ~ '`: '
                    ~ (shown(row[column]) if row[column] is not none else 'an empty cell') ~ ' is not ' ~ allowed
                    ~ ' Correct the cell in seeds/study/' ~ seed_name ~ '.csv.') }}
            {% endif %}
        {% endfor %}
    {% endfor %}
{% endmacro %}

{# What a cell should have been; empty where it is that. #}
{% macro seed_fault(value, kind) %}
    {% if kind is not string %}
        {{ return('' if value in kind else 'one of ' ~ kind | join(', ') ~ '.') }}
    {% elif kind == 'identifier' %}
        {{ return('' if is_identifier(value) and value not in ('city_code', 'year')
            else 'a name of its own in lower-case letters, digits and underscores.') }}
    {% elif kind == 'number' %}
        {{ return('' if is_number_within(value, 0, 1e15) else 'a number from 0 on.') }}
    {% elif value is none and kind == 'series or empty' %}
        {{ return('') }}
    {% endif %}
    {{ return('' if value in yearbook_series()
        else 'a column of city_yearbook. Its columns: ' ~ yearbook_series() | join(', ') ~ '.') }}
{% endmacro %}

{# What each var of dbt_project.yml may be: bounds of a number, or a kind. #}
{% macro var_kinds() %}
    {% set year, share, size = [1900, 2200], [0, 1], [0, 1e6] %}
    {{ return({
        'study_start_year': {'whole': year},
        'study_end_year': {'whole': year},
        'earliest_year': {'whole': year},
        'latest_year': {'whole': year, 'or_empty': true},
        'max_rejected_share': {'number': share},
        'accept_changes': {'truth': true},
        'as_of': {'time': true, 'or_empty': true},
        'suspicious_factor': {'number': [1, 1e6]},
        'suspicious_spreads': {'number': size},
        'max_interpolated_gap_years': {'whole': [0, 100]},
        'max_missing_share': {'number': share},
        'min_indicator_coverage': {'number': share},
        'winsorize_percent': {'number': [0, 49]},
        'sample_variables': {'columns_of': 'int_controls_computed', 'beside': ['resi', 'vagg']},
        'winsorized_variables': {'columns_of': 'fct_city_years'},
        'described_variables': {'columns_of': 'fct_estimation_panel'},
        'instrument_base_year': {'whole': year},
        'frozen_coefficient_year': {'whole': year},
        'min_members': {'whole': size},
        'depreciation_rate': {'number': share},
        'latest_capital_base_year': {'whole': year},
        'capital_rental_rate': {'number': [1e-6, 1e6]},
        'resistance_base_year': {'whole': year},
        'recovery_base_year': {'whole': year},
    }) }}
{% endmacro %}

{# Stop before anything runs where a var is not what it may be: vars are pasted into SQL. #}
{% macro check_vars() %}
    {% if execute %}
        {% for name, kind in var_kinds().items() %}
            {% set allowed = var_fault(var(name), kind) %}
            {% if allowed %}
                {{ exceptions.raise_compiler_error(
                    'Var ' ~ name ~ ' is ' ~ shown(var(name)) ~ '. It may be ' ~ allowed
                    ~ ' Correct it in dbt_project.yml, or where --vars sets it.') }}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# What a var should have been; empty where it is that. #}
{% macro var_fault(value, kind) %}
    {% if kind.get('or_empty') and value is none %}{{ return('') }}{% endif %}
    {% if 'truth' in kind %}
        {{ return('' if value is boolean else 'true or false.') }}
    {% elif 'time' in kind %}
        {{ return('' if value == '' or is_timestamp(value)
            else 'a date (2026-03-01), a time in UTC (2026-03-01 02:30:00), or empty.') }}
    {% elif 'columns_of' in kind %}
        {% set known = kind.get('beside', []) + known_columns(kind.columns_of) %}
        {% set is_list = value is sequence and value is not string and value is not mapping %}
        {{ return('' if is_list and value and value | reject('in', known) | list == []
                and value | unique | list | length == value | length
            else 'a list of different columns, of these: ' ~ known | join(', ') ~ '.') }}
    {% elif 'whole' in kind %}
        {{ return('' if value is integer and is_number_within(value, kind.whole[0], kind.whole[1])
            else 'a whole number from ' ~ kind.whole[0] ~ ' to ' ~ '%d' % kind.whole[1]
            ~ (', or empty.' if kind.get('or_empty') else '.')) }}
    {% endif %}
    {{ return('' if is_number_within(value, kind.number[0], kind.number[1])
        else 'a number from ' ~ kind.number[0] ~ ' to ' ~ kind.number[1] ~ '.') }}
{% endmacro %}

{# Columns that a model's YAML describes, those that name a row left out. #}
{% macro known_columns(model) %}
    {% set node = graph.nodes.get('model.' ~ project_name ~ '.' ~ model) %}
    {{ return(node.columns.keys() | select('ne', 'city_code') | select('ne', 'year') | list if node else []) }}
{% endmacro %}
