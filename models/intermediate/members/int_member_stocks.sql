{# Ids stay integers until the last select, and industries become sectors before anything is summed:
   grouping and cumulating by text codes took twice as long. Counts are summed as doubles, exact for
   whole numbers, because the sum of an integer is a 128-bit integer in DuckDB. #}
{{ behind_gate('raw') }}
with industries as (

    select * from {{ ref('stg_platform__industries') }}

),

mapped as (

    select * from {{ ref('int_industries_mapped') }}

),

changes as (

    select * from {{ ref('int_member_changes_aggregated') }}

),

spine as (

    select * from {{ ref('int_city_years_spined') }}

),

counts as (

    select * from {{ ref('stg_platform__member_counts') }}

),

cities as (

    select * from {{ ref('stg_platform__cities') }}

),

industry_sectors as (

    select
        industries.industry_id,
        mapped.sector
    from industries
    inner join mapped
        on industries.industry_code = mapped.industry_code
    where mapped.sector is not null

),

sector_changes as (

    select
        changes.city_id,
        industry_sectors.sector,
        changes.year,
        sum(cast(changes.joiners as double)) as joiners,
        sum(cast(changes.net_change as double)) as net_change
    from changes
    inner join industry_sectors on changes.industry_id = industry_sectors.industry_id
    group by changes.city_id, industry_sectors.sector, changes.year

),

years as (

    -- Not beyond the yearbook: a contract said to end in 9999 must not make eight thousand years.
    select unnest(range(
        (select min(year) from sector_changes),
        greatest((select max(year) from spine), {{ setting('study_end_year') }}) + 1
    ))::integer as year

),

city_sectors as (

    select distinct
        city_id,
        sector
    from sector_changes

),

record_stocks as (

    select
        city_sectors.city_id,
        city_sectors.sector,
        years.year,
        sum(coalesce(sector_changes.net_change, 0)) over (
            partition by city_sectors.city_id, city_sectors.sector
            order by years.year
            rows between unbounded preceding and current row
        ) as members,
        coalesce(sector_changes.joiners, 0) as joiners
    from city_sectors
    cross join years
    left join sector_changes
        on city_sectors.city_id = sector_changes.city_id
            and city_sectors.sector = sector_changes.sector
            and years.year = sector_changes.year

),

supplied_counts as (

    select
        counts.city_code,
        mapped.sector,
        counts.year,
        sum(counts.member_count) as members
    from counts
    inner join mapped
        on counts.industry_code = mapped.industry_code
    where
        mapped.sector is not null
        -- Records say more than counts: counts are used only where there are no records.
        and not exists (select 1 from changes)
    group by all

),

final as (

    select
        cities.city_code,
        record_stocks.sector,
        record_stocks.year,
        record_stocks.members,
        record_stocks.joiners,
        'platform_members' as member_source
    from record_stocks
    inner join cities on record_stocks.city_id = cities.city_id
    union all
    select
        city_code,
        sector,
        year,
        cast(members as double) as members,
        null as joiners,
        'platform_member_counts' as member_source
    from supplied_counts

)

select * from final
