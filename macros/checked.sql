{# Nothing from a seed, a var or a path becomes SQL before it has been looked at here. #}

{% macro is_identifier(value) %}
    {{ return(value is string and modules.re.fullmatch('[a-z][a-z0-9_]{0,62}', value) is not none) }}
{% endmacro %}

{# Names that generated columns cannot have: those of the rows they stand in, and words that SQL keeps. #}
{% macro reserved_names() %}
    {{ return([
        'city_code', 'year', 'scope_year', 'indicator_set', 'indicators_covered',
        'all', 'analyse', 'analyze', 'and', 'any', 'array', 'as', 'asc', 'asymmetric', 'both', 'case', 'cast', 'check',
        'collate', 'column', 'constraint', 'create', 'default', 'deferrable', 'desc', 'describe', 'distinct', 'do',
        'else', 'end', 'except', 'false', 'fetch', 'for', 'foreign', 'from', 'group', 'having', 'in', 'initially',
        'intersect', 'into', 'lambda', 'lateral', 'leading', 'limit', 'not', 'null', 'offset', 'on', 'only', 'or',
        'order', 'pivot', 'pivot_longer', 'pivot_wider', 'placing', 'primary', 'qualify', 'references', 'returning',
        'select', 'show', 'some', 'summarize', 'symmetric', 'table', 'then', 'to', 'trailing', 'true', 'union',
        'unique', 'unpivot', 'using', 'variadic', 'when', 'where', 'window', 'with',
    ]) }}
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
        },
        'index_indicators': {
            'indicator_id': 'identifier',
            'indicator_set': 'identifier',
            'dimension': 'identifier',
            'direction_as_printed': directions,
            'direction_used': directions,
            'given_weight': 'number or empty',
        },
        'index_definitions': {
            'index_id': 'identifier',
            'indicator_set': 'identifier',
            'direction': ['used', 'as_printed'],
            'normalization': ['min_max', 'z_score', 'rank'],
            'weighting': ['entropy', 'equal', 'given', 'critic', 'pca', 'cv'],
            'aggregation': ['weighted_sum', 'geometric', 'topsis'],
            'scope': ['pooled', 'by_year'],
            'zero_shift': 'number or empty',
            'score_floor': 'number or empty',
        },
    }) }}
{% endmacro %}

{# Stop unless every cell of the rows is of its kind. #}
{% macro check_seed_rows(seed_name, rows) %}
    {% set faults = seed_row_faults(seed_name, rows) %}
    {% if faults %}{{ exceptions.raise_compiler_error(faults | join('\n')) }}{% endif %}
{% endmacro %}

{# What is wrong with cells of a seed, a line for each; a row is named by the first column of its kinds. #}
{% macro seed_row_faults(seed_name, rows) %}
    {% set kinds = seed_kinds()[seed_name] %}
    {% set key = kinds | first %}
    {% set faults = [] %}
    {% for row in rows %}
        {% for column, kind in kinds.items() %}
            {% set allowed = seed_fault(row[column], kind) %}
            {% if allowed %}
                {% do faults.append(cell_message(
                    seed_name, row[key], column,
                    (shown(row[column]) if row[column] is not none else 'an empty cell') ~ ' is not ' ~ allowed
                    ~ ' Correct the cell in seeds/study/' ~ seed_name ~ '.csv.'
                )) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(faults) }}
{% endmacro %}

{% macro cell_message(seed_name, row, column, what) %}
    {{ return('Seed ' ~ seed_name ~ ', row ' ~ shown(row) ~ ', column `' ~ column ~ '`: ' ~ what) }}
{% endmacro %}

{# What a cell should have been; empty where it is that. #}
{% macro seed_fault(value, kind) %}
    {% if kind is not string %}
        {{ return('' if value in kind else 'one of ' ~ kind | join(', ') ~ '.') }}
    {% elif kind == 'identifier' %}
        {{ return('' if is_identifier(value) and value not in reserved_names()
            else 'a name of its own in lower-case letters, digits and underscores, and no word of SQL.') }}
    {% elif value is none and kind.endswith(' or empty') %}
        {{ return('') }}
    {% elif kind in ('number', 'number or empty') %}
        {{ return('' if is_number_within(value, 0, 1e15) else 'a number from 0 on.') }}
    {% endif %}
{% endmacro %}

{# What each setting of the study may be, and each var of a run: bounds of a number, or a kind. #}
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
        'residents_stand_in': {'truth': true},
        'max_missing_share': {'number': share},
        'min_indicator_coverage': {'number': share},
        'instrument_base_year': {'whole': year},
        'frozen_coefficient_year': {'whole': year},
        'min_members': {'whole': size},
        'depreciation_rate': {'number': share},
        'latest_capital_base_year': {'whole': year},
        'capital_rental_rate': {'number': [1e-6, 1e6]},
        'resistance_base_year': {'whole': year},
        'recovery_base_year': {'whole': year},
        'headline_spec': {'name': true, 'or_empty': true},
        'place_name_en': {'words': true, 'or_empty': true},
        'place_names_en': {'words': true, 'or_empty': true},
        'place_name_zh': {'words': true, 'or_empty': true},
    }) }}
{% endmacro %}

{# Vars of a run, in dbt_project.yml; all others are rows of seed study_settings, which a var of the same name
   may overrule for one run. #}
{% macro is_var_of_run(name) %}
    {{ return(name in ('accept_changes', 'as_of')) }}
{% endmacro %}

{# A setting where it is used, once it is of its kind: models are rendered before the check of all settings has
   run, and arithmetic on a text would fail there without naming it. #}
{% macro setting(name) %}
    {% if not execute %}{{ return(1) }}{% endif %}
    {% set value = setting_value(name, study_settings()) %}
    {% set fault = type_fault(value, var_kinds()[name]) %}
    {% if fault %}
        {{ exceptions.raise_compiler_error(var_message(name, value, fault)) }}
    {% endif %}
    {{ return(value) }}
{% endmacro %}

{# What a setting is in this run. #}
{% macro setting_value(name, settings) %}
    {% if is_var_of_run(name) or var(name, none) is not none %}{{ return(var(name)) }}{% endif %}
    {{ return(settings.get(name)) }}
{% endmacro %}

{# Settings by name, read from the file of the seed: some are needed before a seed is loaded. #}
{% macro study_settings() %}
    {% set settings = {} %}
    {% for row in seed_file_rows('study_settings') %}
        {% do settings.update({row.setting: typed_text(row.value)}) %}
    {% endfor %}
    {{ return(settings) }}
{% endmacro %}

{# Text of a cell as a number or a truth where it is one, none where it is empty. #}
{% macro typed_text(text) %}
    {% if text is none or text | trim == '' %}{{ return(none) }}{% endif %}
    {% if modules.re.fullmatch('-?[0-9]{1,15}', text | trim) %}{{ return(text | int) }}{% endif %}
    {% if modules.re.fullmatch('-?[0-9]*[.]?[0-9]+(e-?[0-9]+)?', text | trim) %}{{ return(text | float) }}{% endif %}
    {% if text | trim in ('true', 'false') %}{{ return(text | trim == 'true') }}{% endif %}
    {{ return(text) }}
{% endmacro %}

{# dbt writes what it compiles of a seed's tests under the path of its file: an absolute one is that file. #}
{% macro check_seeds_path() %}
    {% if execute and env_var('STUDY_SEEDS', '').startswith('/') %}
        {{ exceptions.raise_compiler_error(
            'STUDY_SEEDS is ' ~ shown(env_var('STUDY_SEEDS')) ~ ', an absolute path: dbt would write over the seeds.'
            ~ ' `urban-resilience seeds --study folder` says which folder to name.') }}
    {% endif %}
{% endmacro %}

{# Stop before anything runs where a setting is not what it may be: settings are pasted into SQL. #}
{% macro check_vars() %}
    {% if execute %}
        {% set settings, kinds = study_settings(), var_kinds() %}
        {% for name in settings if name not in kinds or is_var_of_run(name) %}
            {% set near = nearest_names(name, kinds) %}
            {{ exceptions.raise_compiler_error(
                'Seed study_settings: nothing reads a setting ' ~ shown(name)
                ~ (' (nearest: ' ~ near | join(', ') ~ ').' if near else '.') ~ ' Correct or remove the row.') }}
        {% endfor %}
        {% for name, kind in kinds.items() %}
            {% set value = setting_value(name, settings) %}
            {% set fault = type_fault(value, kind) %}
            {% if fault %}
                {{ exceptions.raise_compiler_error(var_message(name, value, fault)) }}
            {% endif %}
        {% endfor %}
        {% for first, second in ordered_vars() %}
            {% set one, other = setting_value(first, settings), setting_value(second, settings) %}
            {% if one and other and one > other %}
                {{ exceptions.raise_compiler_error(
                    'Settings ' ~ first ~ ' (' ~ one ~ ') and ' ~ second ~ ' (' ~ other
                    ~ ') are the wrong way round. Correct one in seed study_settings, or where --vars sets it.') }}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# Years that must not come after each other: rows outside the first and the last year are rejected. #}
{% macro ordered_vars() %}
    {{ return([
        ('study_start_year', 'study_end_year'),
        ('earliest_year', 'study_start_year'),
        ('study_end_year', 'latest_year'),
        ('resistance_base_year', 'recovery_base_year'),
    ]) }}
{% endmacro %}

{% macro var_message(name, value, fault) %}
    {% set place = 'dbt_project.yml' if is_var_of_run(name) else 'seed study_settings' %}
    {{ return(('Var ' if is_var_of_run(name) else 'Setting ') ~ name ~ ' is ' ~ shown(value) ~ '. ' ~ fault
        ~ ' Correct it in ' ~ place ~ ', or where --vars sets it.') }}
{% endmacro %}

{# What a setting should have been; empty where it is that. #}
{% macro type_fault(value, kind) %}
    {% if kind.get('or_empty') and value is none %}{{ return('') }}{% endif %}
    {% if 'name' in kind %}
        {{ return('' if is_identifier(value) else 'It may be a name in lower-case letters, digits and underscores.') }}
    {% elif 'words' in kind %}
        {{ return('' if value is string and modules.re.fullmatch('[^\\W\\d_]+( [^\\W\\d_]+){0,3}', value)
            else 'It may be one to four words of letters.') }}
    {% elif 'truth' in kind %}
        {{ return('' if value is boolean else 'It may be true or false.') }}
    {% elif 'time' in kind %}
        {{ return('' if value == '' or is_timestamp(value)
            else 'It may be a date (2026-03-01), a time in UTC (2026-03-01 02:30:00), or empty.') }}
    {% elif 'whole' in kind %}
        {{ return('' if value is integer and is_number_within(value, kind.whole[0], kind.whole[1])
            else 'It may be a whole number from ' ~ kind.whole[0] ~ ' to ' ~ '%d' % kind.whole[1]
            ~ (', or empty.' if kind.get('or_empty') else '.') ~ without_quotes(value)) }}
    {% endif %}
    {{ return('' if is_number_within(value, kind.number[0], kind.number[1])
        else 'It may be a number from ' ~ kind.number[0] ~ ' to ' ~ kind.number[1] ~ '.' ~ without_quotes(value)) }}
{% endmacro %}

{# A number in quotes is a text to YAML: the commonest slip, and hard to see. #}
{% macro without_quotes(value) %}
    {{ return(' Write it without quotes.'
        if value is string and modules.re.fullmatch('-?[0-9]+([.][0-9]*)?', value | trim) else '') }}
{% endmacro %}

{# Up to three of the known names that share the most pairs of letters with this one. #}
{% macro nearest_names(name, known) %}
    {% set scored = [] %}
    {% for other in known %}
        {% set shared = namespace(pairs=0) %}
        {% for i in range(name | length - 1) %}
            {% if name[i:i + 2] in other %}{% set shared.pairs = shared.pairs + 1 %}{% endif %}
        {% endfor %}
        {% set alike = 2 * shared.pairs / (name | length + other | length - 2) if other | length > 1 else 0 %}
        {% if alike >= 0.4 %}{% do scored.append([-alike, other]) %}{% endif %}
    {% endfor %}
    {{ return((scored | sort)[:3] | map(attribute=1) | list) }}
{% endmacro %}
