{# Members by city, industry and year, counted once for all that looks at them: firm records may be a hundred
   million. #}
with members as (

    select * from {{ ref('stg_platform__members') }}

),

cells as (

    select * from {{ ref('stg_platform__cells') }}

),

counts as (

    select * from {{ ref('stg_platform__member_counts') }}

),

grouped as (

    select
        joined_year,
        cell_id,
        count(*) as n_members,
        count(*) filter (where expired_year <= joined_year) as n_brief
    from members
    group by joined_year, cell_id

),

final as (

    select
        'platform_members' as table_name,
        cells.city_code,
        cells.industry_code,
        cast(grouped.joined_year as integer) as year,
        cast(sum(grouped.n_members) as double) as n_members,
        cast(sum(grouped.n_brief) as double) as n_brief
    from grouped
    inner join cells on grouped.cell_id = cells.cell_id
    -- Several spellings of a code are one industry.
    group by cells.city_code, cells.industry_code, grouped.joined_year
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
