{# Study city-years of kept cities. Each variable of var `winsorized_variables` is cut at its own
   percentiles over its available values, before the listwise sample is drawn; the others are as they
   are, so that the panel has the same columns whatever is cut. #}
{% set winsorized = setting('winsorized_variables') %}
{% set percent = setting('winsorize_percent') %}
with city_years as (

    select * from {{ ref('fct_city_years') }}
    where is_sampled_city and {{ in_study_years() }}

),

bounds as (

    select
        {%- for variable in winsorized %}
        {{ stata_percentile(variable, percent) }} as {{ variable }}_low,
        {{ stata_percentile(variable, 100 - percent) }} as {{ variable }}_high,
        {%- endfor %}
        count(*) as n_rows
    from city_years

),

final as (

    select
        city_years.city_code,
        city_years.year,
        {%- for variable in panel_variables() %}
        {%- if variable in winsorized %}
        -- greatest and least skip nulls: a missing value would turn into a bound.
        case when city_years.{{ variable }} is not null
            then least(greatest(city_years.{{ variable }}, bounds.{{ variable }}_low), bounds.{{ variable }}_high)
        end as {{ variable }}{{ ',' if not loop.last }}
        {%- else %}
        city_years.{{ variable }}{{ ',' if not loop.last }}
        {%- endif %}
        {%- endfor %}
    from city_years
    cross join bounds

)

select * from final
