{# Base: member stocks of the kept cities in study years, on the full grid of sectors. Cities are those
   of the sample, so that shares refer to the study's nation. The grid is no relation of its own: it is
   read here alone, and storing it took a fifth of the time from counts to quotients. #}
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

sampled_stocks as (

    select member_stocks.*
    from member_stocks
    inner join decisions
        on member_stocks.city_code = decisions.city_code and decisions.is_kept
    where {{ in_study_years('member_stocks.year') }}

),

-- Members unknown: no row, rather than a row of zeros.
city_years as (

    select
        members.city_code,
        members.year,
        members.members as city_members
    from members
    inner join decisions
        on members.city_code = decisions.city_code and decisions.is_kept
    where {{ in_study_years('members.year') }} and members.members is not null

),

sectors as (

    select distinct sector from sampled_stocks

),

stocks as (

    select
        city_years.city_code,
        sectors.sector,
        city_years.year,
        city_years.city_members,
        coalesce(sampled_stocks.members, 0) as members,
        coalesce(sampled_stocks.joiners, 0) as joiners
    from city_years
    cross join sectors
    left join sampled_stocks
        on city_years.city_code = sampled_stocks.city_code
            and city_years.year = sampled_stocks.year
            and sectors.sector = sampled_stocks.sector

),

city_joiners as (

    select
        city_code,
        year,
        sum(joiners) as city_joiners
    from stocks
    group by city_code, year

),

workers as (

    select
        stocks.city_code,
        stocks.year,
        employment.workers,
        sum(employment.workers) over (partition by stocks.year) as national_workers
    from city_joiners as stocks
    left join employment
        on stocks.city_code = employment.city_code
            and stocks.year = employment.year
            and employment.workers > 0

),

sector_totals as (

    select
        stocks.sector,
        stocks.year,
        sum(stocks.members) as sector_members,
        -- Per worker, the nation is the cities whose workers are known: members and workers alike.
        sum(stocks.members) filter (where workers.workers is not null) as worked_members,
        sum(stocks.joiners) as sector_joiners
    from stocks
    inner join workers on stocks.city_code = workers.city_code and stocks.year = workers.year
    group by stocks.sector, stocks.year

),

national_totals as (

    select
        year,
        sum(sector_members) as national_members,
        sum(sector_joiners) as national_joiners
    from sector_totals
    group by year

),

final as (

    select
        stocks.city_code,
        stocks.sector,
        stocks.year,
        stocks.members,
        stocks.city_members,
        sector_totals.sector_members,
        national_totals.national_members,
        sector_totals.sector_members / nullif(national_totals.national_members, 0) as national_share,
        -- Nobody in the city, or nobody in the sector anywhere: the quotient counts as zero.
        coalesce(
            (stocks.members / nullif(stocks.city_members, 0))
            / nullif(sector_totals.sector_members / nullif(national_totals.national_members, 0), 0), 0
        ) as lq,
        -- One national member added to each city keeps one-member cities from enormous quotients.
        coalesce(
            (
                (stocks.members + sector_totals.sector_members / nullif(national_totals.national_members, 0))
                / (stocks.city_members + 1)
            ) / nullif(sector_totals.sector_members / nullif(national_totals.national_members, 0), 0), 0
        ) as lq_shrunken,
        -- Members per worker instead of per member: scale matters here, composition alone does not.
        case when workers.workers is not null then coalesce(
            (stocks.members / workers.workers)
            / nullif(sector_totals.worked_members / workers.national_workers, 0), 0
        ) end as lq_per_worker,
        coalesce(
            (stocks.joiners / nullif(city_joiners.city_joiners, 0))
            / nullif(sector_totals.sector_joiners / nullif(national_totals.national_joiners, 0), 0), 0
        ) as lq_joiners,
        {{ data_origin() }} as data_origin
    from stocks
    inner join sector_totals
        on stocks.sector = sector_totals.sector and stocks.year = sector_totals.year
    inner join national_totals on stocks.year = national_totals.year
    inner join city_joiners
        on stocks.city_code = city_joiners.city_code and stocks.year = city_joiners.year
    inner join workers
        on stocks.city_code = workers.city_code and stocks.year = workers.year

)

select * from final
