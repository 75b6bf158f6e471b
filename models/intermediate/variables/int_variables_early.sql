{# Variables that need no index and no measure: those that can decide on the sample. #}
{% set steps = variable_steps('early') %}
-- Which joined columns there are is written from seeds, which the linter has not.
-- noqa: disable=ST11
with yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

indicator_values as (

    select * from {{ ref('int_indicators_computed') }}

),

national as (

    select * from {{ ref('stg_national__series') }}

),

{{ import_each(place_relations()) }}

{{ place_ctes(steps) }}

layer_0 as (

    select
        yearbook.city_code,
        yearbook.year
        {{- input_columns(steps, 'series', 'yearbook') }}
        {{- input_columns(steps, 'indicator', 'indicator_values') }}
        {{- input_columns(steps, 'national', 'national') }}
        {{- place_columns(steps) }}
    from yearbook
    left join indicator_values
        on yearbook.city_code = indicator_values.city_code and yearbook.year = indicator_values.year
    left join national on yearbook.year = national.year
    left join group_flags on yearbook.city_code = group_flags.city_code
    left join place_attributes on yearbook.city_code = place_attributes.city_code

),

{{ layers_of(steps) }}

final as (

    select
        city_code,
        year
        {%- for step in steps if step.definition %},
        {{ step.column_name }}
        {%- endfor %}
    from {{ last_layer(steps) }}

)

select * from final
