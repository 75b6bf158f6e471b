{# How large each series of the yearbook is in a city beside the typical city of the same year, over all its
   years. What a slip does to one city or province in every year, the city's other years never show. #}
with cells as (

    select * from {{ ref('int_yearbook_cells') }}

),

logs as (

    select
        city_code,
        year,
        series,
        ln(supplied_value) as log_value
    from cells
    where supplied_value > 0

),

years as (

    select
        series,
        year,
        median(log_value) as typical
    from logs
    group by series, year

),

final as (

    select
        logs.city_code,
        logs.series,
        median(logs.log_value - years.typical) as level,
        count(*) as n_years
    from logs
    inner join years on logs.series = years.series and logs.year = years.year
    group by logs.city_code, logs.series

)

select * from final
