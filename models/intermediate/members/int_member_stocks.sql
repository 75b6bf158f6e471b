with changes as (

    select
        cities.city_code,
        industries.industry_code,
        changes.year,
        sum(changes.joiners) as joiners,
        sum(changes.net_change) as net_change
    from {{ ref('int_member_changes_aggregated') }} as changes
    inner join {{ ref('stg_platform__cities') }} as cities on changes.city_id = cities.city_id
    inner join {{ ref('stg_platform__industries') }} as industries
        on changes.industry_id = industries.industry_id
    group by all

),

sector_changes as (

    select
        changes.city_code,
        mapped.sector,
        changes.year,
        sum(changes.joiners) as joiners,
        sum(changes.net_change) as net_change
    from changes
    inner join {{ ref('int_industries_mapped') }} as mapped
        on changes.industry_code = mapped.industry_code
    where mapped.sector is not null
    group by all

),

years as (

    select unnest(range(
        (select min(year) from sector_changes),
        greatest((select max(year) from sector_changes), {{ var('study_end_year') }}) + 1
    ))::integer as year

),

city_sectors as (

    select distinct
        city_code,
        sector
    from sector_changes

),

record_stocks as (

    select
        city_sectors.city_code,
        city_sectors.sector,
        years.year,
        sum(coalesce(sector_changes.net_change, 0)) over (
            partition by city_sectors.city_code, city_sectors.sector
            order by years.year
            rows between unbounded preceding and current row
        ) as members,
        coalesce(sector_changes.joiners, 0) as joiners
    from city_sectors
    cross join years
    left join sector_changes
        on city_sectors.city_code = sector_changes.city_code
            and city_sectors.sector = sector_changes.sector
            and years.year = sector_changes.year

),

supplied_counts as (

    select
        counts.city_code,
        mapped.sector,
        counts.year,
        sum(counts.member_count) as members
    from {{ ref('stg_platform__member_counts') }} as counts
    inner join {{ ref('int_industries_mapped') }} as mapped
        on counts.industry_code = mapped.industry_code
    where
        mapped.sector is not null
        -- Records say more than counts: counts are used only where there are no records.
        and not exists (select 1 from {{ ref('int_member_changes_aggregated') }})
    group by all

),

final as (

    select
        city_code,
        sector,
        year,
        cast(members as double) as members,
        cast(joiners as double) as joiners,
        'platform_members' as member_source
    from record_stocks
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
