{# Member stocks of the kept cities in study years, on the full grid of sectors: the base of the
   location quotients. Cities are those of the sample, so that shares refer to the study's nation. #}
with member_stocks as (

    select * from {{ ref('int_member_stocks') }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

members as (

    select * from {{ ref('int_city_members') }}

),

stocks as (

    select stocks.*
    from member_stocks as stocks
    inner join decisions
        on stocks.city_code = decisions.city_code and decisions.is_kept
    where {{ in_study_years('stocks.year') }}

),

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

    select distinct sector from stocks

),

final as (

    select
        city_years.city_code,
        sectors.sector,
        city_years.year,
        city_years.city_members,
        coalesce(stocks.members, 0) as members,
        coalesce(stocks.joiners, 0) as joiners
    from city_years
    cross join sectors
    left join stocks
        on city_years.city_code = stocks.city_code
            and city_years.year = stocks.year
            and sectors.sector = stocks.sector

)

select * from final
