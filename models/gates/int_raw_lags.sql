{# Whether figures are of the year they stand under: the ups and downs of a city against those of all others,
   and those of all against years that are known (seed known_years). What fits better a year earlier or later
   is of that year. #}
with cells as (

    select * from {{ ref('int_yearbook_cells') }}
    where supplied_value > 0

),

series as (

    select * from {{ ref('raw_columns') }}
    where table_name = 'city_yearbook' and not coalesce(is_lumpy, false)

),

known_years as (

    select * from {{ ref('known_years') }}

),

changes as (

    -- An index is a change already.
    select
        cells.city_code,
        cells.series,
        cells.year,
        case
            when series.dimension = 'index' then ln(cells.supplied_value / 100)
            when lag(cells.year) over in_order = cells.year - 1
                then ln(cells.supplied_value / lag(cells.supplied_value) over in_order)
        end as change
    from cells
    inner join series on cells.series = series.column_name
    window in_order as (partition by cells.city_code, cells.series order by cells.year)

),

national as (

    select
        series,
        year,
        median(change) as change
    from changes
    where change is not null
    group by series, year
    having count(*) >= 8

),

deviations as (

    select
        changes.city_code,
        changes.series,
        changes.year,
        changes.change - national.change as deviation
    from changes
    inner join national on changes.series = national.series and changes.year = national.year
    where changes.change is not null

),

spreads as (

    select
        series,
        greatest(1.4826 * mad(deviation), 0.001) as spread
    from deviations
    group by series

),

lags as (

    select cast(unnest([-2, -1, 0, 1, 2]) as integer) as years_late

),

-- Series whose ups and downs are common to all cities tell of years; noise of one's own does not.
telling as (

    select
        national.series,
        any_value(spreads.spread) as spread
    from national
    inner join spreads on national.series = spreads.series
    group by national.series
    having stddev_pop(national.change) > 1.5 * any_value(spreads.spread) and count(*) >= 6

),

of_cities as (

    select
        changes.city_code,
        lags.years_late,
        avg(least(abs(changes.change - national.change) / telling.spread, 8)) as misfit,
        count(*) as n_cells
    from changes
    inner join telling on changes.series = telling.series
    cross join lags
    inner join national on changes.series = national.series and changes.year - lags.years_late = national.year
    where changes.change is not null
    group by changes.city_code, lags.years_late

),

best_of_cities as (

    select
        city_code,
        arg_min(years_late, misfit) as years_late,
        min(misfit) as misfit,
        max(misfit) filter (where years_late = 0) as misfit_now,
        min(n_cells) as n_cells
    from of_cities
    where n_cells >= 8
    group by city_code

),

late_cities as (

    select
        'cities' as kind,
        'year' as column_name,
        years_late,
        count(*) as n_found,
        'cities such as ' || string_agg(city_code, ', ' order by city_code) filter (where place <= 8) as subject,
        max(misfit_now / misfit) / 2 as times_limit
    from (
        select
            *,
            row_number() over (partition by years_late order by city_code) as place
        from best_of_cities
        where years_late <> 0 and misfit_now > 1.5 * misfit
    ) as late
    group by years_late

),

typical as (

    select
        known_years.series,
        known_years.year,
        ln(known_years.value / 100) as known,
        lags.years_late,
        national.change
    from known_years
    cross join lags
    inner join national
        on known_years.series = national.series and known_years.year + lags.years_late = national.year

),

of_series as (

    select
        series,
        years_late,
        avg(abs(change - known - middle)) as misfit,
        count(*) as n_years
    from (
        select
            *,
            median(change - known) over (partition by series, years_late) as middle
        from typical
    ) as centred
    group by series, years_late

),

late_series as (

    select
        'all cities' as kind,
        'year ' || series as column_name,
        arg_min(years_late, misfit) as years_late,
        min(n_years) as n_found,
        'all cities' as subject,
        -- Over few quiet years several lags fit as well as sound figures do: the best must then be far better.
        case when arg_min(years_late, misfit) <> 0
            then max(misfit) filter (where years_late = 0) / greatest(min(misfit), 0.001)
                / case when max(misfit) filter (where years_late = 0) >= 0.0085 then 1.25 else 4 end
        end as times_limit
    from of_series
    where n_years >= 6
    group by series
    having max(n_years) >= 7

),

combined as (

    select * from late_cities
    union all
    select * from late_series

),

final as (

    select
        kind,
        'city_yearbook' as table_name,
        column_name,
        subject,
        years_late,
        n_found,
        times_limit,
        'column ' || column_name || ', ' || subject || ' (' || n_found
        || case when kind = 'cities' then ' cities' else ' years' end || '): figures fit those of '
        || abs(years_late) || ' years ' || case when years_late > 0 then 'earlier' else 'later' end
        || ' best. Likely a year that was typed or counted wrongly, or a sheet per edition.' as finding
    from combined
    where times_limit > 0.5

)

select * from final
