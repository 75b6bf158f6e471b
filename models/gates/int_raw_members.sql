{# Members by city, industry and year, counted once for all that looks at them: firm records may be a hundred
   million. #}
with members as (

    select * from {{ ref('stg_platform__members') }}

),

member_cities as (

    select * from {{ ref('stg_platform__cities') }}

),

member_industries as (

    select * from {{ ref('stg_platform__industries') }}

),

counts as (

    select * from {{ ref('stg_platform__member_counts') }}

),

grouped as (

    select
        city_id,
        industry_id,
        joined_year,
        count(*) as n_members,
        count(*) filter (where expired_year <= joined_year) as n_brief
    from members
    group by city_id, industry_id, joined_year

),

final as (

    select
        'platform_members' as table_name,
        member_cities.city_code,
        member_industries.industry_code,
        cast(grouped.joined_year as integer) as year,
        cast(sum(grouped.n_members) as double) as n_members,
        cast(sum(grouped.n_brief) as double) as n_brief
    from grouped
    inner join member_cities on grouped.city_id = member_cities.city_id
    inner join member_industries on grouped.industry_id = member_industries.industry_id
    -- Several spellings of a code are one industry.
    group by member_cities.city_code, member_industries.industry_code, grouped.joined_year
    union all
    select
        'platform_member_counts' as table_name,
        city_code,
        industry_code,
        year,
        member_count as n_members,
        0 as n_brief
    from counts

)

select * from final
