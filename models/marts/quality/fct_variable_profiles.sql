{# Each panel variable in each study year, held against what is published. #}
{% set variables = panel_variables() %}
with published as (

    select * from {{ source('published', 'fct_variable_profiles') }}

),

known as (

    select * from {{ ref('fct_city_years') }}

),

city_years as (

    select
        city_code,
        year
        {%- for variable in variables %},
        cast({{ variable }} as double) as {{ variable }}
        {%- endfor %}
    from known
    where is_sampled_city and {{ in_study_years() }}

),

cells as (

    {{ unpivot_columns('city_years', ['city_code', 'year'], variables, 'variable', 'value') }}

),

profiles as (

    select
        variable,
        year,
        count(*) as n_rows,
        count(value) as n_values,
        avg(value) as mean,
        stddev_samp(value) as standard_deviation,
        quantile_cont(value, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) as deciles
    from cells
    group by variable, year

),

final as (

    select
        profiles.variable,
        profiles.year,
        profiles.n_rows,
        profiles.n_values,
        profiles.mean,
        profiles.standard_deviation,
        profiles.deciles,
        published.n_values as published_n_values,
        published.mean as published_mean,
        published.standard_deviation as published_standard_deviation,
        greatest(published.n_values - profiles.n_values, 0) / nullif(published.n_values, 0) as share_lost,
        abs(profiles.mean - published.mean) / nullif(published.standard_deviation, 0) as mean_shift_sd,
        list_max(list_transform(list_zip(profiles.deciles, published.deciles), lambda pair: abs(pair[1] - pair[2])))
            / nullif(published.standard_deviation, 0) as largest_decile_shift_sd,
        {{ data_origin() }} as data_origin
    from profiles
    left join published on profiles.variable = published.variable and profiles.year = published.year

)

select * from final
