{{ behind_gate('raw') }}
with city_years as (

    select * from {{ ref('int_yearbook_supplied') }}

),

cities as (

    select distinct city_code from city_years

),

years as (

    select unnest(range(min(year), max(year) + 1))::integer as year from city_years

),

final as (

    -- A city-year the yearbook leaves out is a missing row like any other missing cell.
    select
        cities.city_code,
        years.year
    from cities
    cross join years

)

select * from final
