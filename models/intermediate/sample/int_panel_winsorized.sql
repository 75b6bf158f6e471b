{# Study city-years of kept cities. Each variable is cut at its own percentiles over its available
   values, before the listwise sample is drawn. #}
{% set variables = var('winsorized_variables') %}
{% set percent = var('winsorize_percent') %}
with city_years as (

    select * from {{ ref('fct_city_years') }}
    where is_sampled_city and {{ in_study_years() }}

),

bounds as (

    select
        {%- for variable in variables %}
        {{ stata_percentile(variable, percent) }} as {{ variable }}_low,
        {{ stata_percentile(variable, 100 - percent) }} as {{ variable }}_high{{ ',' if not loop.last }}
        {%- endfor %}
    from city_years

),

final as (

    select
        city_years.city_code,
        city_years.year,
        {%- for variable in variables %}
        -- greatest and least skip nulls: a missing value would turn into a bound.
        case when city_years.{{ variable }} is not null
            then least(greatest(city_years.{{ variable }}, bounds.{{ variable }}_low), bounds.{{ variable }}_high)
        end as {{ variable }}{{ ',' if not loop.last }}
        {%- endfor %}
    from city_years
    cross join bounds

)

select * from final
