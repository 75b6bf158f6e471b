{# Whether a series goes with the others. Over cities: figures that stand beside other cities than their own rank
   cities as no other series does. Over years: what goes up and down in the same cities as another series a year
   earlier or later, and not in the same year, stands under another year. #}
with cells as (

    select * from {{ ref('int_yearbook_cells') }}
    where supplied_value > 0

),

levels as (

    select * from {{ ref('int_raw_city_levels') }}
    where table_name = 'city_yearbook'

),

raw_columns as (

    select * from {{ ref('raw_columns') }}
    where table_name = 'city_yearbook'

),

series as (

    select
        column_name as series,
        dimension,
        unit,
        coalesce(is_lumpy, false) as is_lumpy
    from raw_columns

),

-- What is large where other things are large: money, persons, households, firms. A unit that is its dimension is
-- that of one person or thing: wages are not larger where more earn.
large_together as (

    select
        levels.city_code,
        levels.series,
        rank() over (partition by levels.series order by levels.level) as place
    from levels
    inner join series on levels.series = series.series
    where series.dimension not in ('index', 'share', 'area', 'tonne') and series.unit is distinct from series.dimension

),

alike as (

    select
        series,
        max(likeness) as likeness,
        arg_max(peer, likeness) as peer,
        max(n_cities) as n_cities
    from (
        select
            one.series,
            other.series as peer,
            corr(one.place, other.place) as likeness,
            count(*) as n_cities
        from large_together as one
        inner join large_together as other on one.city_code = other.city_code and one.series <> other.series
        group by one.series, other.series
        having count(*) >= 60
    ) as pairs_of_series
    group by series

),

-- Some 120 cities say enough, and take half the time.
some_cities as (

    select city_code
    from (
        select
            city_code,
            row_number() over (order by city_code) as place,
            count(*) over () as n_cities
        from (select distinct city_code from cells) as listed
    ) as numbered
    where place % greatest(n_cities // 120, 1) = 0

),

steps as (

    select
        cells.city_code,
        cells.series,
        cells.year,
        case
            when series.dimension = 'index' then ln(cells.supplied_value)
            when lag(cells.year) over in_order = cells.year - 1
                then ln(cells.supplied_value / lag(cells.supplied_value) over in_order)
        end as step
    from cells
    inner join some_cities on cells.city_code = some_cities.city_code
    inner join series on cells.series = series.series
    window in_order as (partition by cells.city_code, cells.series order by cells.year)

),

of_years as (

    select
        *,
        step - median(step) over (partition by series, year) as deviation
    from steps
    where step is not null

),

of_cities as (

    select
        *,
        deviation - median(deviation) over (partition by series, city_code) as own
    from of_years

),

spreads as (

    select
        series,
        1.4826 * median(abs(own)) as spread
    from of_cities
    group by series
    having count(*) >= 400

),

-- Beyond four robust spreads a cell counts as that: one slip is no company.
held as (

    select
        of_cities.city_code,
        of_cities.series,
        of_cities.year,
        cast(greatest(least(of_cities.own / spreads.spread, 4), -4) as float) as own
    from of_cities
    inner join spreads on of_cities.series = spreads.series
    where spreads.spread > 0

),

lags as (

    select cast(unnest([-1, 0, 1]) as integer) as years_late

),

company as (

    select
        one.series,
        other.series as peer,
        lags.years_late,
        abs(corr(one.own, other.own)) as likeness,
        count(*) as n_cells
    from held as one
    cross join lags
    inner join held as other
        on one.city_code = other.city_code and one.year - lags.years_late = other.year and one.series < other.series
    group by one.series, other.series, lags.years_late
    having count(*) >= 400

),

pairs as (

    select
        series,
        peer,
        arg_max(years_late, likeness) as years_late,
        max(likeness) as likeness,
        max(likeness) filter (where years_late = 0) as likeness_now,
        max(n_cells) as n_cells
    from company
    group by series, peer

),

sides as (

    select * from pairs
    union all
    select
        peer as series,
        series as peer,
        -years_late as years_late,
        likeness,
        likeness_now,
        n_cells
    from pairs

),

closest as (

    select
        series,
        arg_max(peer, likeness) as peer,
        arg_max(years_late, likeness) as years_late,
        max(likeness) as likeness,
        arg_max(likeness_now, likeness) as likeness_now,
        arg_max(n_cells, likeness) as n_cells
    from sides
    group by series

),

found as (

    select
        'cities' as kind,
        'city_yearbook' as table_name,
        alike.series as column_name,
        alike.peer as subject,
        -- Firms and foreign investment are where they are: they follow people and money less.
        case when series.is_lumpy or series.dimension = 'count' then 0.35 else 0.45 end
        / greatest(alike.likeness, 0.05) as times_limit,
        'ranks ' || n_cities || ' cities as no other series does, the closest being ' || peer
        || format(' (rank correlation {:.2f})', likeness)
        || '. Likely figures that stand beside other cities, such as a column that was sorted alone' as finding
    from alike
    inner join series on alike.series = series.series
    union all
    select
        'years' as kind,
        'city_yearbook' as table_name,
        'year ' || series as column_name,
        peer as subject,
        case when years_late <> 0 and likeness >= 0.25 then likeness / greatest(1.5 * likeness_now, 0.1) end
            as times_limit,
        'goes up and down with ' || peer || ' of the year '
        || case when years_late > 0 then 'before' else 'after' end
        || format(' (correlation {:.2f}, in the same year {:.2f})', likeness, likeness_now)
        || '. Likely one of the two stands under the wrong year' as finding
    from closest

),

final as (

    {{ named_findings('found') }}

)

select * from final
