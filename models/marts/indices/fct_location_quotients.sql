with stocks as (

    select * from {{ ref('int_sampled_member_stocks') }}

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
