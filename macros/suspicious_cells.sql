{# What cannot be true of a city in a year, whatever its other years say: rows of seed accounting_rules. #}

{# Rows of the seed, each of whose expressions names series and numbers and nothing else. #}
{% macro rules_of_seed() %}
    {% set known = supplied_series() %}
    {% for row in seed_file_rows('accounting_rules') %}
        {% for column in ('part', 'whole', 'condition') if row[column] %}
            {% set fault = expression_fault(row[column], known) %}
            {% if fault %}
                {{ exceptions.raise_compiler_error(
                    'Seed accounting_rules, ' ~ shown(row.rule) ~ ', column `' ~ column ~ '`: ' ~ shown(row[column])
                    ~ ' ' ~ fault ~ ' Correct the row.') }}
            {% endif %}
        {% endfor %}
        {% if not is_identifier(row.rule) or row.series not in known or not row.slack | default('1', true) | float %}
            {{ exceptions.raise_compiler_error(
                'Seed accounting_rules, ' ~ shown(row.rule) ~ ' of ' ~ shown(row.series)
                ~ ': the rule must be a name, the series one of seed raw_columns, the slack a number.') }}
        {% endif %}
    {% endfor %}
    {{ return(seed_file_rows('accounting_rules')) }}
{% endmacro %}

{# Why a text is no expression over these names; empty where it is one. Words, numbers and signs of arithmetic
   and comparison: nothing that could end the expression or read anything else. #}
{% macro expression_fault(text, names) %}
    {% set words = ['and', 'or', 'not', 'between', 'is', 'null', 'in', 'abs', 'ln', 'least', 'greatest', 'coalesce'] %}
    {% if modules.re.fullmatch('[a-z0-9_ .,()+*/<>=!-]+', text) is none or '--' in text or '/*' in text or '*/' in text %}
        {{ return('holds a sign that has no place in it.') }}
    {% endif %}
    {% for word in modules.re.findall('[a-z_][a-z0-9_]*|[0-9.]+(?:e-?[0-9]+)?', text) if word[0] not in '0123456789.' %}
        {% if word not in words and word not in names %}
            {% set near = nearest_names(word, names) %}
            {{ return('names ' ~ shown(word) ~ ', which is no series'
                ~ (' (nearest: ' ~ near | join(', ') ~ ').' if near else '.')) }}
        {% endif %}
    {% endfor %}
    {{ return('') }}
{% endmacro %}

{# What is part of something larger in any city, in the unit of the whole, with the cell to look at. #}
{% macro part_of_whole_rules() %}
    {{ return(rules_of_seed() | selectattr('part') | list) }}
{% endmacro %}

{# The rules that flag cells: the cell it is held against, the condition over a row of the yearbook, the reason
   in words. A level below zero is no row of the seed: seed raw_columns says which series may be negative. #}
{% macro accounting_rules() %}
    {% set rules = [] %}
    {% for row in rules_of_seed() %}
        {% do rules.append({
            'rule': row.rule,
            'series': row.series,
            'when': row.part ~ ' > ' ~ (row.slack or '1') ~ ' * (' ~ row.whole ~ ')' if row.part else row.condition,
            'reason': row.reason.replace("'", "''"),
        }) %}
    {% endfor %}
    {% for column in series_of_seed() if column.may_be_negative %}
        {% do rules.append({
            'rule': 'negative',
            'series': column.name,
            'when': column.name ~ ' < 0',
            'reason': 'negative: a change of a stock, not a count',
        }) %}
    {% endfor %}
    {{ return(rules) }}
{% endmacro %}

{# Series of the yearbook that seed raw_columns flags, quoted for SQL: `is_lumpy` (one project decides: a
   jump is flagged, never blanked by rule), `may_be_negative` (a change, not a count), `fills_edges`. #}
{% macro flagged_series(flag) -%}
    {%- set names = [] -%}
    {%- for column in series_of_seed() if column[flag] -%}
        {%- do names.append("'" ~ column.name ~ "'") -%}
    {%- endfor -%}
    {{ names | join(', ') or "''" }}
{%- endmacro %}
