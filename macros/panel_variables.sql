{# Which variables there are. Each list is read from what the YAML of a model describes, so it is empty
   until the project has been parsed. #}

{# Variables of the estimation panel: its numbers that `fct_city_years` has before winsorizing. #}
{% macro panel_variables() %}
    {% set before = known_columns('fct_city_years', 'double') %}
    {{ return(known_columns('fct_estimation_panel', 'double') | select('in', before) | list) }}
{% endmacro %}

{# Variables that may decide on the sample: those known before the sample is drawn. #}
{% macro sample_candidates() %}
    {{ return(['resi', 'vagg'] + known_columns('int_controls_computed')) }}
{% endmacro %}

{# Variables that a table of means can describe. #}
{% macro described_candidates() %}
    {{ return(known_columns('fct_estimation_panel', 'double')) }}
{% endmacro %}

{# The list that a kind of var names. #}
{% macro names_for(list_name) %}
    {% set lists = {
        'panel_variables': panel_variables(),
        'sample_candidates': sample_candidates(),
        'described_candidates': described_candidates(),
    } %}
    {{ return(lists[list_name]) }}
{% endmacro %}

{# Columns that a model's YAML describes, those that name a row left out; of one type, if it is given. #}
{% macro known_columns(model, data_type=none) %}
    {% set node = graph.get('nodes', {}).get('model.' ~ project_name ~ '.' ~ model) if graph else none %}
    {% set names = [] %}
    {% for column in (node.columns.values() if node else []) %}
        {% if column.name not in ('city_code', 'year') and data_type in (none, column.data_type) %}
            {% do names.append(column.name) %}
        {% endif %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
