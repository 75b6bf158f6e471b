{# Study city-years of kept cities. Each variable that its row says is winsorized is cut at its own percentiles
   over its available values, before the listwise sample is drawn; the others are as they are. #}
{% set variables = variable_rows() %}
{% set cut = variables | selectattr('winsorize_percent') | list %}
with city_years as (

    select * from {{ ref('fct_city_years') }}
    where is_sampled_city and {{ in_study_years() }}

),

bounds as (

    select
        {%- for variable in cut %}
        {{ stata_percentile(variable.definition, percent_of(variable)) }} as {{ variable.definition }}_low,
        {{ stata_percentile(variable.definition, 100 - percent_of(variable)) }} as {{ variable.definition }}_high,
        {%- endfor %}
        count(*) as n_rows
    from city_years

),

final as (

    select
        city_years.city_code,
        city_years.year
        {%- for variable in variables %},
        {%- set name = variable.definition %}
        {%- if variable.winsorize_percent %}
        -- greatest and least skip nulls: a missing value would turn into a bound.
        case when city_years.{{ name }} is not null
            then least(greatest(city_years.{{ name }}, bounds.{{ name }}_low), bounds.{{ name }}_high)
        end as {{ name }}
        {%- else %}
        city_years.{{ name }}
        {%- endif %}
        {%- endfor %}
    from city_years
    cross join bounds

)

select * from final
