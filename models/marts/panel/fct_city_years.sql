{{ config(post_hook='{{ comment_columns(this, study_comments()) }}') }}
{# Columns are the study's: attributes of places, variables of seed panel_variables before winsorizing, series.
   Variables that need an index or a measure are computed here, by layers; the others are there already. #}
{% set steps = variable_steps('late') %}
{% set variables = variable_rows() %}
{% set early = variables | selectattr('stage', 'equalto', 'early') | list %}
{% set index_inputs = inputs_of(steps, 'index') %}
{% set policy_inputs = inputs_of(steps, 'policy') %}
{% set attributes = place_attributes() %}
{{ behind_gate('indices') }}
-- Which joined columns there are is written from seeds, which the linter has not.
-- noqa: disable=ST11
with yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

places as (

    select * from {{ ref('dim_cities') }}

),

early as (

    select * from {{ ref('int_variables_early') }}

),

indicator_values as (

    select * from {{ ref('int_indicators_computed') }}

),

index_scores as (

    select * from {{ ref('int_index_scores') }}

),

dimension_scores as (

    select * from {{ ref('int_index_dimension_scores') }}

),

{{ import_each(measure_relations()) }}

national as (

    select * from {{ ref('stg_national__series') }}

),

policy_timing as (

    select * from {{ ref('fct_policy_timing') }}

),

{{ import_each(place_relations()) }}

{{ place_ctes(steps) }}

whole_scores as (

    select
        city_code,
        year
        {%- for step in index_inputs if not step.source_dimension %},
        max(score) filter (where index_id = '{{ step.source_column }}') as {{ step.column_name }}
        {%- endfor %}
    from index_scores
    group by city_code, year

),

part_scores as (

    select
        city_code,
        year
        {%- for step in index_inputs if step.source_dimension %},
        max(score) filter (
            where index_id = '{{ step.source_column }}' and dimension = '{{ step.source_dimension }}'
        ) as {{ step.column_name }}
        {%- endfor %}
    from dimension_scores
    group by city_code, year

),

policy_dates as (

    select
        city_code
        {%- for step in policy_inputs %},
        max({{ step.source_column }}) filter (where policy_id = '{{ step.source_relation }}') as {{ step.column_name }}
        {%- endfor %}
    from policy_timing
    group by city_code

),

layer_0 as (

    select
        yearbook.city_code,
        yearbook.year
        {%- for variable in early %},
        early.{{ variable.definition }}
        {%- endfor %}
        {{- input_columns(steps, 'series', 'yearbook') }}
        {{- input_columns(steps, 'indicator', 'indicator_values') }}
        {{- input_columns(steps, 'national', 'national') }}
        {%- for step in index_inputs %},
        {{ 'part_scores' if step.source_dimension else 'whole_scores' }}.{{ step.column_name }}
        {%- endfor %}
        {%- for relation in measure_relations() %}
        {{- input_columns(steps | selectattr('source_relation', 'equalto', relation) | list, 'measure', relation) }}
        {%- endfor %}
        {%- for step in policy_inputs %},
        policy_dates.{{ step.column_name }}
        {%- endfor %}
        {{- place_columns(steps) }}
    from yearbook
    left join early on yearbook.city_code = early.city_code and yearbook.year = early.year
    left join indicator_values
        on yearbook.city_code = indicator_values.city_code and yearbook.year = indicator_values.year
    left join national on yearbook.year = national.year
    left join whole_scores
        on yearbook.city_code = whole_scores.city_code and yearbook.year = whole_scores.year
    left join part_scores
        on yearbook.city_code = part_scores.city_code and yearbook.year = part_scores.year
    {%- for relation in measure_relations() %}
    left join {{ relation }}
        on yearbook.city_code = {{ relation }}.city_code and yearbook.year = {{ relation }}.year
    {%- endfor %}
    left join policy_dates on yearbook.city_code = policy_dates.city_code
    left join group_flags on yearbook.city_code = group_flags.city_code
    left join place_attributes on yearbook.city_code = place_attributes.city_code

),

{{ layers_of(steps) }}

final as (

    select
        yearbook.city_code,
        yearbook.year,
        places.city_name_zh,
        places.city_name_en,
        {%- for attribute in attributes %}
        places.{{ attribute }},
        {%- endfor %}
        decisions.is_kept as is_sampled_city,
        {%- for variable in variables %}
        computed.{{ variable.definition }},
        {%- endfor %}
        {%- for series in yearbook_series() %}
        yearbook.{{ series }},
        {%- endfor %}
        {%- for series in yearbook_series() %}
        yearbook.{{ series }}_imputation,
        {%- endfor %}
        {{ data_origin() }} as data_origin
    from yearbook
    inner join {{ last_layer(steps) }} as computed
        on yearbook.city_code = computed.city_code and yearbook.year = computed.year
    left join decisions on yearbook.city_code = decisions.city_code
    left join places on yearbook.city_code = places.city_code

)

select * from final
