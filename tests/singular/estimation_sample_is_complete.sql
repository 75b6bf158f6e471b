{# A row of the estimation sample has every sample variable that any row of the panel has, and a row
   that has them all is in the sample. #}
with existing as (

    select
        {%- for variable in sample_variables() %}
        count({{ variable }}) > 0 as has_{{ variable }},
        {%- endfor %}
        count(*) as n_rows
    from {{ ref('fct_estimation_panel') }}

),

checked as (

    select
        panel.city_code,
        panel.year,
        panel.is_estimation_sample,
        {%- for variable in sample_variables() %}
        (existing.has_{{ variable }} and panel.{{ variable }} is null)::integer +
        {%- endfor %} 0 as missing_variables
    from {{ ref('fct_estimation_panel') }} as panel
    cross join existing

)

select * from checked
where is_estimation_sample <> (missing_variables = 0)
