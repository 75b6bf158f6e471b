{# How far an index moves: cities apart from each other in one year, and over the years within a province. Rates
   that were divided by 100 once more, or are fractions added to 100, stand near 100 everywhere: no bound, no
   neighbouring year and no typical ratio shows it, but they hardly differ. #}
with cells as (

    select * from {{ ref('int_yearbook_cells') }}

),

raw_columns as (

    select * from {{ ref('raw_columns') }}
    where table_name = 'city_yearbook' and dimension = 'index'

),

cities as (

    select * from {{ ref('cities') }}

),

rates as (

    select
        cells.city_code,
        cities.province_code,
        cells.series,
        cells.year,
        cells.supplied_value as rate
    from cells
    inner join raw_columns on cells.series = raw_columns.column_name
    inner join cities on cells.city_code = cities.city_code
    where cells.supplied_value is not null

),

years as (

    select
        'year' as kind,
        series,
        cast(year as varchar) as subject,
        1.4826 * mad(rate) as spread,
        count(*) as n_cells
    from rates
    group by series, year
    having count(*) >= 20

),

-- Years of a city: what all of its years share does not tell.
of_cities as (

    select
        series,
        province_code,
        city_code,
        1.4826 * mad(rate) as spread
    from rates
    group by series, province_code, city_code
    having count(*) >= 5

),

provinces as (

    select
        'province' as kind,
        series,
        province_code as subject,
        median(spread) as spread,
        count(*) as n_cells
    from of_cities
    group by series, province_code
    having count(*) >= 3

),

combined as (

    select * from years
    union all
    select * from provinces

),

judged as (

    select
        *,
        median(spread) over (partition by kind, series) as usual,
        count(*) over (partition by kind, series) as n_subjects
    from combined

),

found as (

    select
        kind,
        'city_yearbook' as table_name,
        series as column_name,
        subject,
        -- Six times as far, or a sixth: sound yearbooks come to two and a half times.
        abs(ln(greatest(spread, usual / 1000) / usual)) / ln(6) as times_limit,
        kind || ' ' || subject || ' (' || n_cells || case when kind = 'year' then ' cities): they' else
            ' cities): years' end
        || format(' differ by {:.3g} in general, beside {:.3g} ', spread, usual)
        || case when kind = 'year' then 'in other years' else 'in other provinces' end
        || '. Likely rates in another form, such as 100.085 for 108.5' as finding
    from judged
    where usual > 0 and n_subjects >= 4

),

final as (

    {{ named_findings('found') }}

)

select * from final
