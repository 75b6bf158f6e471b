{# Whether a city-year has a member count at all: records cover every city (no record means no
   member), counts only the city-years they list. #}
with stocks as (

    select * from {{ ref('int_member_stocks') }}

),

spine as (

    select * from {{ ref('int_city_years_spined') }}

),

city_totals as (

    select
        city_code,
        year,
        sum(members) as members,
        sum(joiners) as joiners
    from stocks
    group by city_code, year

),

source_kind as (

    -- Counts are stocks: without records nobody knows who joined.
    select
        case
            when count(joiners) > 0 then 'platform_members'
            when count(*) > 0 then 'platform_member_counts'
        end as member_source
    from stocks

),

final as (

    select
        spine.city_code,
        spine.year,
        source_kind.member_source,
        case
            when city_totals.members is not null then city_totals.members
            when source_kind.member_source = 'platform_members' then 0
        end as members,
        case when source_kind.member_source = 'platform_members' then coalesce(city_totals.joiners, 0) end as joiners
    from spine
    cross join source_kind
    left join city_totals
        on spine.city_code = city_totals.city_code and spine.year = city_totals.year

)

select * from final
