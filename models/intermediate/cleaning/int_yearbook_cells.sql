{# The one place where the accepted yearbook turns from wide to long. #}
with city_years as (

    select * from {{ ref('int_yearbook_supplied') }}

),

cities as (

    select distinct city_code from city_years

),

years as (

    select unnest(range(min(year), max(year) + 1))::integer as year from city_years

),

-- A city-year the yearbook leaves out is a row of missing cells like any other missing cell.
complete as (

    select
        cities.city_code,
        years.year,
        {%- for series in yearbook_series() %}
        city_years.{{ series }}{{ ',' if not loop.last }}
        {%- endfor %}
    from cities
    cross join years
    left join city_years
        on cities.city_code = city_years.city_code and years.year = city_years.year

),

cells as (

    {{ unpivot_columns('complete', ['city_code', 'year'], yearbook_series(), 'series', 'supplied_value') }}

),

final as (

    select
        city_code,
        year,
        series,
        supplied_value
    from cells

)

select * from final
