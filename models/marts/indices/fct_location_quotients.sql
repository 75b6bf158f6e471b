{# Totals are taken before cities and sectors are crossed: the cells, every sector in every city-year, are the
   largest relation here and are joined to members by text codes once. They are stored nowhere else, for
   nothing else reads them. #}
with member_stocks as (

    select * from {{ ref('int_member_stocks') }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

members as (

    select * from {{ ref('int_city_members') }}

),

yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

employment as (

    select
        city_code,
        year,
        {{ measure_input('location_quotients', 'workers') }} as workers
    from yearbook

),

-- Kept cities, so that shares refer to the study's nation. Members unknown: no row, rather than zeros.
city_years as (

    select
        members.city_code,
        members.year,
        members.members as city_members,
        members.joiners as city_joiners,
        employment.workers,
        sum(employment.workers) over (partition by members.year) as national_workers
    from members
    inner join decisions
        on members.city_code = decisions.city_code and decisions.is_kept
    left join employment
        on members.city_code = employment.city_code
            and members.year = employment.year
            and employment.workers > 0
    where {{ in_study_years('members.year') }} and members.members is not null

),

stocks as (

    select
        member_stocks.city_code,
        member_stocks.sector,
        member_stocks.year,
        member_stocks.members,
        coalesce(member_stocks.joiners, 0) as joiners,
        -- Per worker, the nation is the cities whose workers are known: members and workers alike.
        case when city_years.workers is not null then member_stocks.members else 0 end as worked_members
    from member_stocks
    inner join city_years
        on member_stocks.city_code = city_years.city_code and member_stocks.year = city_years.year

),

sector_totals as (

    select
        sector,
        year,
        sum(members) as sector_members,
        sum(worked_members) as worked_members,
        sum(joiners) as sector_joiners
    from stocks
    group by sector, year

),

national_totals as (

    select
        year,
        sum(sector_members) as national_members,
        sum(sector_joiners) as national_joiners
    from sector_totals
    group by year

),

sectors as (

    select distinct sector from sector_totals

),

cells as (

    select
        city_years.*,
        sectors.sector,
        coalesce(stocks.members, 0) as members,
        coalesce(stocks.joiners, 0) as joiners
    from city_years
    cross join sectors
    left join stocks
        on city_years.city_code = stocks.city_code
            and city_years.year = stocks.year
            and sectors.sector = stocks.sector

),

filled as (

    select
        cells.*,
        coalesce(sector_totals.sector_members, 0) as sector_members,
        coalesce(sector_totals.worked_members, 0) as worked_members,
        coalesce(national_totals.national_members, 0) as national_members,
        coalesce(sector_totals.sector_members, 0) / nullif(national_totals.national_members, 0) as national_share,
        coalesce(sector_totals.sector_joiners, 0) / nullif(national_totals.national_joiners, 0)
            as national_share_of_joiners
    from cells
    left join sector_totals on cells.sector = sector_totals.sector and cells.year = sector_totals.year
    left join national_totals on cells.year = national_totals.year

),

final as (

    select
        city_code,
        sector,
        year,
        members,
        city_members,
        sector_members,
        national_members,
        national_share,
        -- Nobody in the city, or nobody in the sector anywhere: the quotient counts as zero.
        coalesce((members / nullif(city_members, 0)) / nullif(national_share, 0), 0) as lq,
        -- One national member added to each city keeps one-member cities from enormous quotients.
        coalesce(((members + national_share) / (city_members + 1)) / nullif(national_share, 0), 0) as lq_shrunken,
        -- Members per worker instead of per member: scale matters here, composition alone does not.
        case when workers is not null then coalesce(
            (members / workers) / nullif(worked_members / national_workers, 0), 0
        ) end as lq_per_worker,
        coalesce((joiners / nullif(city_joiners, 0)) / nullif(national_share_of_joiners, 0), 0) as lq_joiners,
        {{ data_origin() }} as data_origin
    from filled

)

select * from final
