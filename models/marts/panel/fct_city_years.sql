{{ config(post_hook='{{ comment_columns(this, study_comments()) }}') }}
{# Columns are the study's: variables of seed panel_variables, attributes of places, series. #}
{% set variables = variable_rows() | map(attribute='definition') | list %}
{% set attributes = place_attributes() %}
with yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

cities as (

    select * from {{ ref('dim_cities') }}

),

variables as (

    select * from {{ ref('int_variables_computed') }}

),

final as (

    select
        yearbook.city_code,
        yearbook.year,
        cities.city_name_zh,
        cities.city_name_en,
        {%- for attribute in attributes %}
        cities.{{ attribute }},
        {%- endfor %}
        decisions.is_kept as is_sampled_city,
        {%- for variable in variables %}
        variables.{{ variable }},
        {%- endfor %}
        {%- for series in yearbook_series() %}
        yearbook.{{ series }},
        {%- endfor %}
        {%- for series in yearbook_series() %}
        yearbook.{{ series }}_imputation,
        {%- endfor %}
        {{ data_origin() }} as data_origin
    from yearbook
    inner join variables on yearbook.city_code = variables.city_code and yearbook.year = variables.year
    left join decisions on yearbook.city_code = decisions.city_code
    left join cities on yearbook.city_code = cities.city_code

)

select * from final
