{# Figures that lie on a straight line between their neighbours: years that somebody filled in by interpolation and
   did not say so. A measured figure does so once in a while; three in a row in one city, or the same year in many
   cities, do not by themselves. #}
with cells as (

    select * from {{ ref('int_yearbook_cells') }}
    where supplied_value is not null

),

-- As written: 12.50 is read as 12.5, 12 as 12.0.
written as (

    select
        city_code,
        series,
        year,
        supplied_value as value,
        case when supplied_value = trunc(supplied_value) then 0
            else least(length(regexp_extract(cast(supplied_value as varchar), '\.(\d+)$', 1)), 12)
        end as decimals
    from cells

),

neighbours as (

    select
        *,
        lag(value) over in_order as value_before,
        lead(value) over in_order as value_after,
        lag(year) over in_order = year - 1 and lead(year) over in_order = year + 1 as is_inside,
        power(10, -max(decimals) over (
            partition by city_code, series
            order by year
            rows between 1 preceding and 1 following
        )) as last_decimal
    from written
    window in_order as (partition by city_code, series order by year)

),

-- Figures of few digits, and those that stand still, lie on lines by themselves.
told as (

    select
        city_code,
        series,
        year,
        abs(2 * value - value_before - value_after) <= 1.5 * last_decimal + 1e-9 * abs(value) as is_straight
    from neighbours
    where is_inside and value <> value_before and abs(value) >= 300 * last_decimal

),

runs as (

    select
        *,
        is_straight
        and coalesce(lag(is_straight) over in_order and lag(year) over in_order = year - 1, false)
        and coalesce(lead(is_straight) over in_order and lead(year) over in_order = year + 1, false) as is_amid_line
    from told
    window in_order as (partition by city_code, series order by year)

),

cities_on_lines as (

    select
        'cities' as kind,
        series,
        count(*) filter (where n_amid > 0) as n_found,
        count(*) as n_of,
        'cities such as '
        || string_agg(city_code, ', ' order by city_code) filter (where n_amid > 0 and place <= 5) as subject
    from (
        select
            *,
            row_number() over (partition by series, n_amid > 0 order by city_code) as place
        from (
            select
                series,
                city_code,
                count(*) filter (where is_amid_line) as n_amid
            from runs
            group by series, city_code
        ) as by_city
    ) as placed
    group by series

),

years_on_lines as (

    select
        'year' as kind,
        series,
        count(*) filter (where is_straight) as n_found,
        count(*) as n_of,
        cast(year as varchar) as subject
    from told
    group by series, year
    having count(*) >= 8

),

judged as (

    select
        *,
        n_found / greatest(3.5, 0.015 * n_of) as times_limit
    from cities_on_lines
    union all
    select
        *,
        n_found / greatest(9.5, 0.12 * n_of) as times_limit
    from years_on_lines

),

found as (

    select
        kind,
        'city_yearbook' as table_name,
        series as column_name,
        subject,
        times_limit,
        subject || ' (' || n_found || ' of ' || n_of || case when kind = 'cities'
            then '): five years and more lie on a straight line'
            else '): figures lie halfway between those of the year before and the year after'
        end
        || '. Likely years that were filled in by interpolation: leave them empty, and the build fills and marks them'
            as finding
    from judged

),

final as (

    {{ named_findings('found') }}

)

select * from final
