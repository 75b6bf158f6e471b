{# How large each series of the yearbook, the census and the members are in a city beside the typical city of the
   same year, over all its years. What a slip does to one city or province in every year, the city's other years
   never show. #}
with cells as (

    select * from {{ ref('int_yearbook_cells') }}

),

census as (

    select * from {{ ref('stg_census__employment') }}

),

members as (

    select * from {{ ref('int_raw_members') }}

),

amounts as (

    select
        'city_yearbook' as table_name,
        city_code,
        year,
        series,
        supplied_value as value
    from cells
    union all
    select
        'economic_census_employment' as table_name,
        city_code,
        null as year,
        'employed_persons' as series,
        sum(employed_persons) as value
    from census
    group by city_code
    union all
    select
        table_name,
        city_code,
        -- Records stand under the year of joining: their sum is what a city has.
        case when table_name = 'platform_member_counts' then year end as year,
        case when table_name = 'platform_member_counts' then 'member_count' else 'firm_id' end as series,
        sum(n_members) as value
    from members
    group by all

),

logs as (

    select
        table_name,
        city_code,
        year,
        series,
        ln(value) as log_value
    from amounts
    where value > 0

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
        logs.table_name,
        logs.city_code,
        logs.series,
        median(logs.log_value - years.typical) as level,
        count(*) as n_years
    from logs
    inner join years on logs.series = years.series and logs.year is not distinct from years.year
    group by logs.table_name, logs.city_code, logs.series

)

select * from final
