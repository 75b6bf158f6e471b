{# Figures that stand where others should: a year that repeats an earlier one, a city that repeats another, a
   series that stays as it is, one value in many cells. Series that do stay as they are, such as areas, tell
   nothing and are left out. #}
with cells as (

    select
        city_code,
        year,
        series,
        supplied_value as value
    from {{ ref('int_yearbook_cells') }}
    where supplied_value is not null

),

steps as (

    select
        *,
        value = lag(value) over in_order as is_as_before
    from cells
    window in_order as (partition by city_code, series order by year)

),

-- How often a cell usually is that of the year before: the median over years, which one copied year is not.
usual as (

    select
        series,
        median(share) as share_as_before
    from (
        select
            series,
            year,
            avg(cast(is_as_before as integer)) as share
        from steps
        where is_as_before is not null
        group by series, year
    ) as by_year
    group by series

),

moving as (

    select steps.*
    from steps
    inner join usual on steps.series = usual.series
    where usual.share_as_before < 0.8

),

-- Figures of one or two digits return by themselves.
telling as (

    select * from moving
    where length(trim(replace(ltrim(cast(value as varchar), '-0.'), '.', ''), '0')) >= 3

),

columns_of_years as (

    select
        'a year of a column as the year before' as kind,
        moving.series as column_name,
        cast(moving.year as varchar) as subject,
        count(*) filter (where moving.is_as_before) as n_found,
        count(moving.is_as_before) as n_of,
        avg(cast(moving.is_as_before as integer)) / greatest(0.12, 4 * any_value(usual.share_as_before)) as times_limit
    from moving
    inner join usual on moving.series = usual.series
    group by moving.series, moving.year
    having count(moving.is_as_before) >= 5 and count(*) filter (where moving.is_as_before) >= 3

),

-- Cells of a city that return in another of its years.
returns as (

    select
        earlier.city_code,
        earlier.year as year_before,
        later.year,
        count(*) as n_alike
    from telling as earlier
    inner join telling as later
        on earlier.city_code = later.city_code
            and earlier.series = later.series
            and earlier.value = later.value
            and earlier.year < later.year
    group by earlier.city_code, earlier.year, later.year
    having count(*) >= 4

),

sizes as (

    select
        city_code,
        year,
        count(*) as n_cells
    from moving
    group by city_code, year

),

repeated_years as (

    select
        'a year that repeats another' as kind,
        'year' as column_name,
        returns.year || ' repeats ' || returns.year_before as subject,
        count(*) as n_found,
        min(returns.n_alike) as n_of,
        max(returns.n_alike / sizes.n_cells) / 0.6 as times_limit
    from returns
    inner join sizes on returns.city_code = sizes.city_code and returns.year = sizes.year
    group by returns.year, returns.year_before

),

-- A value that few cities share in its year.
rare as (

    select *
    from (
        select
            *,
            count(*) over (partition by series, year, value) as n_sharing
        from telling
    ) as shared
    where n_sharing between 2 and 6

),

twins as (

    select
        one.city_code,
        other.city_code as other_code,
        count(*) as n_alike,
        count(distinct one.series) as n_series
    from rare as one
    inner join rare as other
        on one.series = other.series
            and one.year = other.year
            and one.value = other.value
            and one.city_code < other.city_code
    group by one.city_code, other.city_code
    having count(distinct one.series) >= 4 and count(*) >= 8

),

of_cities as (

    select
        city_code,
        count(*) as n_cells,
        count(*) / count(distinct series) as n_years
    from moving
    group by city_code

),

repeated_cities as (

    select
        'a city that repeats another' as kind,
        'city_code' as column_name,
        twins.city_code || ' and ' || twins.other_code as subject,
        twins.n_alike as n_found,
        of_cities.n_cells as n_of,
        (twins.n_alike / of_cities.n_cells) / 0.12 as times_limit
    from twins
    inner join of_cities on twins.city_code = of_cities.city_code

),

constant as (

    select
        'a series that does not move' as kind,
        series as column_name,
        'cities such as ' || string_agg(city_code, ', ' order by city_code) filter (where place <= 5) as subject,
        count(*) as n_found,
        any_value(n_all) as n_of,
        count(*) / greatest(
            2.5,
            -- Of a series with few different figures more stand still by themselves.
            0.8 * any_value(share_as_before) * any_value(n_all),
            case when series in ({{ flagged_series('is_lumpy') }}) then 0.1 else 0.015 end * any_value(n_all)
        ) as times_limit
    from (
        select
            *,
            row_number() over (partition by series, is_still order by city_code) as place
        from (
            select
                telling.series,
                telling.city_code,
                any_value(usual.share_as_before) as share_as_before,
                count(*) filter (where is_as_before) >= 3
                and count(*) filter (where is_as_before) >= 0.25 * count(*) as is_still,
                count(*) over (partition by telling.series) as n_all
            from telling
            inner join usual on telling.series = usual.series
            group by telling.series, telling.city_code
        ) as by_city
    ) as placed
    where is_still
    group by series

),

still_cities as (

    select
        'a city that does not move' as kind,
        'year' as column_name,
        city_code as subject,
        count(*) filter (where is_as_before) as n_found,
        count(*) as n_of,
        avg(cast(is_as_before as integer)) / 0.4 as times_limit
    from telling
    group by city_code
    having count(*) filter (where is_as_before) >= 5

),

heaps as (

    select
        'one value in many cells' as kind,
        series as column_name,
        cast(value as varchar) as subject,
        n_cells as n_found,
        n_all as n_of,
        case when n_cities >= 3 then n_cells / greatest(
            -- Codes for missing values are whole numbers; a floor of a series may be any.
            case when value = trunc(value) then 0.012 else 0.04 end * n_all,
            7.5,
            5 * next_n_cells
        ) end as times_limit
    from (
        select
            *,
            sum(n_cells) over (partition by series) as n_all,
            row_number() over (partition by series order by n_cells desc, value) as place,
            coalesce(lead(n_cells) over (partition by series order by n_cells desc, value), 0) as next_n_cells
        from (
            select
                series,
                value,
                count(*) as n_cells,
                count(distinct city_code) as n_cities
            from moving
            group by series, value
        ) as counted
    ) as ordered
    where place = 1

),

combined as (

    select * from columns_of_years
    union all
    select * from repeated_years
    union all
    select * from repeated_cities
    union all
    select * from constant
    union all
    select * from still_cities
    union all
    select * from heaps

),

final as (

    select
        kind,
        'city_yearbook' as table_name,
        column_name,
        subject,
        n_found,
        n_of,
        times_limit,
        'column ' || column_name || ': ' || kind || ', ' || subject || ' (' || n_found || ' of ' || n_of || ')'
            as finding
    from combined
    where times_limit > 0.5

)

select * from final
