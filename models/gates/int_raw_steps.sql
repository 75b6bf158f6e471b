{# Steps of a whole series, of a province or of a file from one year to the next: a sheet, or a block of one, in
   another unit. Cities are held against their own neighbouring years one by one elsewhere; a step that all of
   them take together shows in the median. #}
with cells as (

    select * from {{ ref('int_yearbook_cells') }}
    where supplied_value > 0

),

cities as (

    select * from {{ ref('cities') }}

),

changes as (

    select
        cells.city_code,
        cities.province_code,
        cells.series,
        cells.year,
        ln(cells.supplied_value) - lag(ln(cells.supplied_value)) over in_order as change,
        lag(cells.year) over in_order as year_before
    from cells
    inner join cities on cells.city_code = cities.city_code
    window in_order as (partition by cells.city_code, cells.series order by cells.year)

),

national as (

    select
        series,
        year,
        count(*) as n_cities,
        median(change) as change
    from changes
    where year_before = year - 1
    group by series, year

),

provinces as (

    select
        changes.series,
        changes.province_code as subject,
        changes.year,
        count(*) as n_cities,
        median(changes.change - national.change) as change
    from changes
    inner join national on changes.series = national.series and changes.year = national.year
    where changes.year_before = changes.year - 1
    group by changes.series, changes.province_code, changes.year
    having count(*) >= 3

),

-- Series that hardly ever fall: output, sales, spending, wages. In four fifths of the cities, so that a province whose
-- years are reversed does not hide them.
growing as (

    select series
    from (
        select
            city_code,
            series,
            avg(cast(change < 0 as integer)) as share_falling,
            count(*) as n_changes
        from changes
        where year_before = year - 1
        group by city_code, series
    ) as by_city
    group by series
    having quantile_cont(share_falling, 0.8) <= 0.1 and sum(n_changes) >= 200

),

-- Where nearly all of them fall at once, the year before is a later one, or this one an earlier.
falls as (

    select
        changes.city_code,
        changes.year,
        avg(cast(changes.change < 0 as integer)) as share
    from changes
    inner join growing on changes.series = growing.series
    where changes.year_before = changes.year - 1
    group by changes.city_code, changes.year
    having count(*) >= 5

),

fallen as (

    select
        year,
        count(*) as n_cities,
        max(share) as share,
        string_agg(city_code, ', ' order by city_code) as city_codes
    from falls
    where share > 0.81
    group by year

),

-- A series that hardly ever falls elsewhere and falls in most years of a province.
falling_provinces as (

    select of_province.*
    from (
        select
            series,
            province_code,
            count(distinct city_code) as n_cities,
            count(*) as n_changes,
            avg(cast(change < 0 as integer)) as share
        from changes
        where year_before = year - 1
        group by series, province_code
    ) as of_province
    inner join (
        select
            series,
            avg(cast(change < 0 as integer)) as share
        from changes
        where year_before = year - 1
        group by series
    ) as of_all on of_province.series = of_all.series
    where of_all.share <= 0.15 and of_province.n_cities >= 3 and of_province.n_changes >= 15

),

-- The shortest stretch with two fifths of the cities' changes: figures of the year before, a little changed or times
-- one number, change alike.
stretches as (

    select
        series,
        year,
        any_value(n_cities) as n_cities,
        median(change) as change,
        min(stretch) as stretch,
        median(min(stretch)) over (partition by series) as usual_stretch,
        count(*) over (partition by series) as n_years
    from (
        select
            *,
            lead(change, cast(ceil(0.4 * n_cities) as integer)) over (partition by series, year order by change)
                - change as stretch
        from (
            select
                *,
                count(*) over (partition by series, year) as n_cities
            from changes
            where year_before = year - 1
        ) as counted
        where n_cities >= 60
    ) as ordered
    group by series, year

),

steps as (

    select
        'all cities' as kind,
        series,
        'all cities' as subject,
        year,
        n_cities,
        change - median(change) over (partition by series) as change
    from national
    where n_cities >= 5
    union all
    select
        'province' as kind,
        series,
        subject,
        year,
        n_cities,
        change
    from provinces

),

judged as (

    select
        *,
        abs(change) / greatest(
            -- One project decides about a lumpy series of a province.
            case
                when kind = 'all cities' then ln(1.8)
                when series in ({{ flagged_series('is_lumpy') }}) then ln(50)
                else ln(3.3)
            end,
            8 * 1.4826 * mad(change) over (partition by kind, series)
        ) as times_limit
    from steps

),

final as (

    select
        kind,
        'city_yearbook' as table_name,
        series as column_name,
        subject,
        year,
        n_cities,
        exp(change) as times_before,
        times_limit,
        'column ' || series || ', ' || case when kind = 'province' then 'province ' else '' end || subject
        || ', from ' || year || ' on (' || n_cities || ' cities): '
        || format('{:,.3g} times the year before, beside ', exp(change))
        || case when kind = 'province' then 'all cities' else 'all years' end
        || '. Likely a sheet in another unit, or of another definition.' as finding
    from judged
    where times_limit > 0.5
    union all
    select
        'alike' as kind,
        'city_yearbook' as table_name,
        series as column_name,
        'all cities' as subject,
        year,
        n_cities,
        exp(change) as times_before,
        0.15 * usual_stretch / greatest(stretch, 1e-6) as times_limit,
        'column ' || series || ', ' || year || ': two fifths of ' || n_cities || ' cities change alike, within '
        || format('{:.3f}%', 100 * stretch) || ' beside ' || format('{:.1f}%', 100 * usual_stretch)
        || ' in other years. Likely figures of the year before, a little changed or times one number.' as finding
    from stretches
    where n_years >= 4 and usual_stretch > 0.002 and 0.15 * usual_stretch / greatest(stretch, 1e-6) > 0.5
    union all
    select
        'cities' as kind,
        'city_yearbook' as table_name,
        'year' as column_name,
        left(city_codes, 80) as subject,
        year,
        n_cities,
        cast(null as double) as times_before,
        share / 0.81 as times_limit,
        'column year, ' || year || ' (' || n_cities || case when n_cities = 1 then ' city' else ' cities' end
        || '): output, sales, spending and wages, which grow in nearly all cities and years, all fall. Likely years'
        || ' that were exchanged, or rows of another place. Cities: ' || left(city_codes, 80) as finding
    from fallen
    union all
    select
        'falls' as kind,
        'city_yearbook' as table_name,
        series as column_name,
        province_code as subject,
        cast(null as integer) as year,
        n_cities,
        cast(null as double) as times_before,
        share / 0.5 as times_limit,
        'column ' || series || ', province ' || province_code || ' (' || n_cities || ' cities): falls in '
        || format('{:.0f}%', 100 * share) || ' of the years, and hardly ever elsewhere. Likely years in reverse order.'
            as finding
    from falling_provinces
    where share / 0.5 > 0.5

)

select * from final
