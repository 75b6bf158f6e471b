{# Industries of the census beside each other: whole persons, in numbers that industries have; and its cities beside
   those of the yearbook. #}
with census as (

    select * from {{ ref('stg_census__employment') }}

),

levels as (

    select * from {{ ref('int_raw_city_levels') }}

),

members as (

    select * from {{ ref('int_raw_members') }}

),

large_industries as (

    select * from {{ ref('large_industries') }}

),

city_years as (

    select * from {{ ref('stg_yearbook__city_years') }}

),

cities as (

    select * from {{ ref('cities') }}

),

places as (

    select
        table_name,
        city_code,
        series,
        rank() over (partition by table_name, series order by level) as place
    from levels

),

-- How the census ranks cities beside the series of the yearbook that ranks them most like it.
followed as (

    select
        others.series,
        abs(corr(places.place, others.place)) as likeness
    from places
    inner join places as others on places.city_code = others.city_code
    where places.table_name = 'economic_census_employment' and others.table_name = 'city_yearbook'
    group by others.series
    having count(*) >= 30

),

industries as (

    select
        industry_code,
        sum(employed_persons) as persons,
        avg(cast(employed_persons <> trunc(employed_persons) as integer)) as share_broken,
        avg(cast(employed_persons % 10 = 0 as integer)) filter (where employed_persons > 0) as share_tens,
        count(*) as n_cities,
        count(distinct employed_persons) as n_values
    from census
    group by industry_code

),

census_sizes as (

    select
        *,
        ln(nullif(persons, 0)) - median(ln(nullif(persons, 0))) over () as deviation,
        count(*) over () as n_industries,
        median(share_broken) over () as usual_broken,
        median(share_tens) over () as usual_tens
    from industries

),

-- Who has members of an industry in many cities has people who work in it.
of_members as (

    select
        industry_code,
        count(distinct city_code) as n_cities,
        sum(n_members) as n_members
    from members
    -- The census does not count farms (division 05 and before).
    where n_members > 0 and industry_code > '059'
    group by industry_code
    having count(distinct city_code) >= 8

),

-- A census of nearly all industries has those in which millions work.
expected as (

    select industry_code from of_members
    union
    select industry_code from large_industries
    where (select count(*) from industries) >= 50

),

lost as (

    select
        string_agg(expected.industry_code, ', ' order by expected.industry_code)
            filter (where industries.industry_code is null) as industry_codes,
        count(*) filter (where industries.industry_code is null) as n_lost,
        count(*) as n_industries
    from expected
    left join industries on expected.industry_code = industries.industry_code

),

-- Those in which millions work stand among the larger half, unless figures stand under the code of another row.
large_half as (

    select
        avg(cast(sizes.place <= 0.5 * sizes.n_industries as integer)) as share,
        count(*) as n_large
    from (
        select
            industry_code,
            row_number() over (order by persons desc, industry_code) as place,
            count(*) over () as n_industries
        from industries
    ) as sizes
    inner join large_industries on sizes.industry_code = large_industries.industry_code
    where sizes.n_industries >= 50

),

-- Cities of the yearbook without a census, by province.
provinces as (

    select
        cities.province_code,
        count(*) as n_cities,
        count(counted.city_code) as n_with,
        sum(count(counted.city_code)) over () / sum(count(*)) over () as share_with
    from (select distinct city_code from city_years) as listed
    inner join cities on listed.city_code = cities.city_code
    left join (select distinct city_code from census) as counted on listed.city_code = counted.city_code
    group by cities.province_code

),

-- Cities with the same figures in every industry.
twins as (

    select
        count(*) as n_alike,
        string_agg(city_code, ', ' order by city_code) as city_codes
    from (
        select
            city_code,
            list(employed_persons order by industry_code) as persons
        from census
        group by city_code
        having count(distinct employed_persons) >= 5
    ) as by_city
    group by persons
    having count(*) > 1

),

-- One figure in many cells, by how often the next does.
heaps as (

    select
        *,
        sum(n_cells) over () as n_all,
        lead(n_cells) over (order by n_cells desc, employed_persons) as next_n_cells,
        row_number() over (order by n_cells desc, employed_persons) as place
    from (
        select
            employed_persons,
            count(*) as n_cells
        from census
        group by employed_persons
    ) as counted

),

found as (

    select
        'one value in many cells' as kind,
        'economic_census_employment' as table_name,
        'employed_persons' as column_name,
        cast(employed_persons as varchar) as subject,
        -- There are industries that a city has not.
        n_cells / greatest(
            case when employed_persons = 0 then 0.25 else 0.03 end * n_all,
            15,
            5 * coalesce(next_n_cells, 0)
        ) as times_limit,
        format('{:,.0f}', employed_persons) || ' persons in ' || n_cells || ' of ' || n_all
        || ' cells. Likely a code for missing values' as finding
    from heaps
    where place = 1
    union all
    select
        'a city that repeats another' as kind,
        'economic_census_employment' as table_name,
        'city_code employed_persons' as column_name,
        left(city_codes, 80) as subject,
        2 as times_limit,
        n_alike || ' cities have the same figures in every industry: ' || left(city_codes, 80)
        || '. Likely pasted twice' as finding
    from twins
    union all
    select
        'industries that the census lacks' as kind,
        'economic_census_employment' as table_name,
        'industry_code' as column_name,
        industry_codes as subject,
        case when n_lost > 0 and n_lost <= 0.2 * n_industries then 1.5 end as times_limit,
        'nobody works in industries ' || industry_codes || ', which have members in many cities or employ millions.'
        || ' Likely rows that are lost, or another code' as finding
    from lost
    -- A study without a census has none of them.
    where exists (select 1 from census)
    union all
    select
        'large industries of the census' as kind,
        'economic_census_employment' as table_name,
        'industry_code employed_persons' as column_name,
        'all industries' as subject,
        0.7 / greatest(share, 0.05) as times_limit,
        'of ' || n_large || ' industries that employ millions (seed large_industries) '
        || format('{:.0f}%', 100 * share) || ' are in the larger half. Likely figures under the code of another row'
            as finding
    from large_half
    where n_large >= 10
    union all
    select
        'provinces without a census' as kind,
        'economic_census_employment' as table_name,
        'city_code' as column_name,
        province_code as subject,
        -- Elsewhere nearly all cities have one.
        share_with / 0.75 as times_limit,
        'none of the ' || n_cities || ' cities of province ' || province_code || ' has a census, of all cities '
        || format('{:.0f}%', 100 * share_with) || ' have. Likely rows that are lost' as finding
    from provinces
    where n_cities >= 3 and n_with = 0 and share_with > 0
    union all
    select
        'industries of the census' as kind,
        'economic_census_employment' as table_name,
        'employed_persons' as column_name,
        industry_code as subject,
        greatest(
            abs(deviation) / ln(400),
            -- Persons are whole.
            case when usual_broken < 0.01 then share_broken / 0.05 end,
            -- A tenth of all figures end in a zero; all of those that were multiplied do.
            case when usual_tens < 0.25 and n_cities >= 8 then share_tens / 0.6 end,
            case when n_cities >= 8 and n_values = 1 then 2 end
        ) as times_limit,
        'industry ' || industry_code || ' has ' || format('{:,.0f}', persons) || ' persons in ' || n_cities
        || ' cities with ' || n_values || ' different figures, ' || format('{:.0f}%', 100 * share_broken)
        || ' of them broken, ' || format('{:.0f}%', 100 * coalesce(share_tens, 0)) || ' with a zero at the end. '
        || 'Likely in another unit' as finding
    from census_sizes
    where n_industries >= 8
    union all
    select
        'cities of the census' as kind,
        tables.table_name,
        tables.column_name,
        'all cities' as subject,
        0.45 / greatest(max(followed.likeness), 0.05) as times_limit,
        'no series of the yearbook ranks cities as the census does; the closest is '
        || arg_max(followed.series, followed.likeness)
        || format(' (rank correlation {:.2f})', max(followed.likeness))
        || '. Likely codes that belong to other rows in one of the two' as finding
    from followed
    -- Either may be at fault.
    cross join (
        values ('economic_census_employment', 'city_code employed_persons'), ('city_yearbook', 'city_code')
    ) as tables (table_name, column_name)
    group by tables.table_name, tables.column_name

),

final as (

    {{ named_findings('found') }}

)

select * from final
