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

{% if takes_member_changes() %}
-- Members that arrive by month: counts of them are kept, not their spells.
member_change_counts as (

    select * from {{ ref('stg_platform__member_change_counts') }}

),
{% endif %}
grouped as (

    select
        joined_year,
        cell_id,
        count(*) as n_members,
        count(*) filter (where expired_year <= joined_year) as n_brief
    from members
    group by joined_year, cell_id

),

joined as (

    select
        cells.city_code,
        cells.industry_code,
        grouped.joined_year,
        grouped.n_members,
        grouped.n_brief
    from grouped
    inner join cells on grouped.cell_id = cells.cell_id
    {%- if takes_member_changes() %}
    union all
    select
        city_code,
        industry_code,
        year as joined_year,
        joiners as n_members,
        0 as n_brief
    from member_change_counts
    {%- endif %}

),

final as (

    -- Several spellings of a code are one industry; the months of a feed change what the file holds.
    select
        'platform_members' as table_name,
        city_code,
        industry_code,
        cast(joined_year as integer) as year,
        cast(sum(n_members) as double) as n_members,
        cast(sum(n_brief) as double) as n_brief
    from joined
    group by city_code, industry_code, joined_year
    having sum(n_members) <> 0
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
