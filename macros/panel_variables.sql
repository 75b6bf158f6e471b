{# Variables and indicators of the study, as int_variables_checked has compiled them. Empty until that is
   built: SQL that is written from them is well-formed without any. #}

{# Rows of int_variables_checked that answer a condition. `--empty` must not empty it: it shapes SQL. #}
{% macro compiled_rows(condition, order_by) %}
    {% set checked = ref('int_variables_checked') %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set relation = load_relation(checked) %}
    {% if relation is none %}
        {% if flags.WHICH in ('build', 'run') %}
            {{ exceptions.raise_compiler_error(
                'int_variables_checked is not built: the variables of the study are unknown. Run `dbt build`.') }}
        {% endif %}
        {{ return([]) }}
    {% endif %}
    {% set table = run_query(in_duckdb(
        'select * from ' ~ checked.render() ~ ' where ' ~ condition ~ ' order by ' ~ order_by)) %}
    {% set rows = [] %}
    {% for row in table.rows %}
        {% set item = {} %}
        {% for name in table.column_names %}{% do item.update({name: row[loop.index0]}) %}{% endfor %}
        {% do rows.append(item) %}
    {% endfor %}
    {{ return(rows) }}
{% endmacro %}

{# Columns of one stage, inputs first. #}
{% macro variable_steps(stage) %}
    {{ return(compiled_rows("stage = '" ~ stage ~ "'", 'layer, column_name')) }}
{% endmacro %}

{# Definitions of variables in their order, of one type if it is given. #}
{% macro variable_rows(data_type=none) %}
    {% set rows = compiled_rows("stage in ('early', 'late') and definition is not null", 'position, definition') %}
    {{ return(rows if data_type is none else rows | selectattr('data_type', 'equalto', data_type) | list) }}
{% endmacro %}

{# Names of the variables that are numbers. #}
{% macro panel_variables() %}
    {{ return(variable_rows('double') | map(attribute='definition') | list) }}
{% endmacro %}

{# Variables that may decide on the sample: those known before it is drawn. #}
{% macro sample_candidates() %}
    {{ return(variable_rows('double') | selectattr('may_decide_sample') | list) }}
{% endmacro %}

{# Names of those that do. #}
{% macro sample_variables() %}
    {{ return(variable_rows() | selectattr('decides_sample') | map(attribute='definition') | list) }}
{% endmacro %}

{# CTEs layer_1, layer_2 ... of a stage; needs a CTE layer_0 with its inputs. #}
{% macro layers_of(steps) %}
    {%- set computed = steps | selectattr('layer', 'gt', 0) | list -%}
    {%- for layer in computed | map(attribute='layer') | unique %}
layer_{{ loop.index }} as (

    select
        *,
        {%- for step in computed if step.layer == layer %}
        {{ typed_step(step) }} as {{ step.column_name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from layer_{{ loop.index0 }}

),
    {% endfor %}
{%- endmacro %}

{# Name of the last CTE that layers_of writes. #}
{% macro last_layer(steps) -%}
    layer_{{ steps | selectattr('layer', 'gt', 0) | map(attribute='layer') | unique | list | length }}
{%- endmacro %}

{% macro typed_step(step) -%}
    {{ 'cast(' ~ step.sql ~ ' as double)' if step.data_type == 'double' else step.sql }}
{%- endmacro %}

{# Inputs of one kind. #}
{% macro inputs_of(steps, kind) %}
    {{ return(steps | selectattr('layer', 'equalto', 0) | selectattr('source_kind', 'equalto', kind) | list) }}
{% endmacro %}

{# Columns of a select list, each led by a comma: inputs of one kind from a relation. #}
{% macro input_columns(steps, kind, relation) -%}
    {%- for step in inputs_of(steps, kind) %},
        {{ relation }}.{{ step.source_column or step.source_name }} as {{ step.column_name }}
    {%- endfor %}
{%- endmacro %}

{# What says which places there are and what they are: import_each makes CTEs of them, for place_ctes. #}
{% macro place_relations() %}
    {{ return(['city_groups', 'cities', 'provinces']) }}
{% endmacro %}

{# CTEs `group_flags` and `place_attributes`; needs CTEs of place_relations. #}
{% macro place_ctes(steps) %}
group_flags as (

    select
        city_code
        {%- for step in inputs_of(steps, 'group') %},
        bool_or(group_id = '{{ step.source_column }}') as {{ step.column_name }}
        {%- endfor %}
    from city_groups
    group by city_code

),

place_attributes as (

    select
        cities.*,
        provinces.province_name_zh,
        provinces.province_name_en
    from cities
    left join provinces on cities.province_code = provinces.province_code

),
{% endmacro %}

{# Columns of a select list, each led by a comma: groups and attributes of places. #}
{% macro place_columns(steps) -%}
    {%- for step in inputs_of(steps, 'group') %},
        coalesce(group_flags.{{ step.column_name }}, false) as {{ step.column_name }}
    {%- endfor %}
    {{- input_columns(steps, 'place', 'place_attributes') }}
{%- endmacro %}

{# Relations that compute measures a city-year at a time, which variables can name: seed `measures` says their
   columns. #}
{% macro measure_relations() %}
    {{ return([
        'fct_virtual_agglomeration',
        'int_instruments',
        'fct_resource_misallocation',
        'fct_market_potential',
        'fct_digital_service_penetration',
        'fct_martin_resilience',
    ]) }}
{% endmacro %}

{# Percent cut at each tail, whole where it is. #}
{% macro percent_of(variable) %}
    {% set percent = variable.winsorize_percent %}
    {{ return(percent | int if percent == percent | int else percent) }}
{% endmacro %}

{# Percent of the sample below the upper end of a group. #}
{% macro percent_below(group, groups) %}
    {% set percent = 100 * group / (groups | int) %}
    {{ return(percent | int if percent == percent | int else percent) }}
{% endmacro %}

{# What a group of a split is called, from the lowest on: words for up to four, numbers beyond. #}
{% macro group_of_split(group, groups) %}
    {% set words = {
        2: ['low', 'high'],
        3: ['low', 'middle', 'high'],
        4: ['low', 'lower', 'higher', 'high'],
    } %}
    {{ return(words[groups | int][group - 1] if groups | int in words else group | string) }}
{% endmacro %}

{# Columns that the list of places has beyond those every list has: attributes. #}
{% macro place_attributes() %}
    {% set cities = ref('cities') %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set relation = load_relation(cities) %}
    {% if relation is none %}{{ return([]) }}{% endif %}
    {% set own = ['city_code', 'city_name_zh', 'city_name_en', 'province_code', 'evidence'] %}
    {% set names = adapter.get_columns_in_relation(relation) | map(attribute='name') | reject('in', own) | list %}
    {{ return(names if 'province' in names else ['province'] + names) }}
{% endmacro %}

{# Whether the list of places says the province itself, rather than by a code of seed provinces. #}
{% macro own_province() %}
    {% set relation = load_relation(ref('cities')) if execute else none %}
    {% set names = adapter.get_columns_in_relation(relation) | map(attribute='name') if relation else [] %}
    {{ return('province' in names) }}
{% endmacro %}

{# Every group of seed city_groups; a column of the panel each. #}
{% macro city_group_ids() %}
    {{ return(distinct_values('city_groups', 'group_id')) }}
{% endmacro %}

{# Every policy that has pilots, seed's and supplied; three columns of the panel each. #}
{% macro policies_with_dates() %}
    {{ return(distinct_values('fct_policy_timing', 'policy_id')) }}
{% endmacro %}

{# Values of a column of a relation that is built already, for SQL that has a column for each. #}
{% macro distinct_values(model_name, column) %}
    {% set read = ref(model_name) %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set relation = load_relation(read) %}
    {% if relation is none %}{{ return([]) }}{% endif %}
    {% set table = run_query(in_duckdb(
        'select distinct ' ~ column ~ ' from ' ~ read.render() ~ ' where ' ~ column ~ ' is not null order by 1')) %}
    {% set values = table.columns[0].values() | list %}
    {% for value in values if not is_identifier(value) %}
        {{ exceptions.raise_compiler_error(
            column ~ ' ' ~ shown(value) ~ ' of ' ~ model_name ~ ' becomes the name of a column: write it in'
            ~ ' lower-case letters, digits and underscores, a letter first.') }}
    {% endfor %}
    {{ return(values) }}
{% endmacro %}
