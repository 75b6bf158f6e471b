{{ config(post_hook='{{ comment_columns(this, series_comments()) }}') }}
with cells as (

    select * from {{ ref('int_yearbook_cells_interpolated') }}

),

final as (

    select
        city_code,
        year,
        {%- for series in yearbook_series() %}
        max(value) filter (where series = '{{ series }}') as {{ series }},
        {%- endfor %}
        {%- for series in yearbook_series() %}
        max(imputation_code) filter (where series = '{{ series }}') as {{ series }}_imputation{{ ',' if not loop.last }}
        {%- endfor %}
    from cells
    group by city_code, year

)

-- In a fixed order, so that sums over these rows have the same last digits in every build.
select * from final
order by city_code, year
