{# Keys stay integers until the last select, and cells become slots (city x sector) before anything is
   summed: grouping and cumulating by text codes took three times as long. Counts are summed as doubles, exact
   for whole numbers, because the sum of an integer is a 128-bit integer in DuckDB. #}
{{ config(
    pre_hook="{{ engine_setting('perfect_ht_threshold', 22) }}",
    post_hook="{{ engine_setting('perfect_ht_threshold', none) }}"
) }}

{{ behind_gate('raw') }}
with cells as (

    select * from {{ ref('stg_platform__cells') }}

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

cell_slots as (

    select
        cells.cell_id,
        cells.city_code,
        mapped.sector,
        cast(dense_rank() over (order by cells.city_code, mapped.sector) as integer) as slot_id
    from cells
    inner join mapped
        on cells.industry_code = mapped.industry_code
    where mapped.sector is not null

),

slots as (

    select distinct
        slot_id,
        city_code,
        sector
    from cell_slots

),

sector_changes as (

    select
        changes.year,
        cell_slots.slot_id,
        sum(cast(changes.joiners as double)) as joiners,
        sum(cast(changes.net_change as double)) as net_change
    from changes
    inner join cell_slots on changes.cell_id = cell_slots.cell_id
    group by changes.year, cell_slots.slot_id

),

years as (

    -- Not beyond the yearbook: a contract said to end in 9999 must not make eight thousand years.
    select unnest(range(
        (select min(year) from sector_changes),
        greatest((select max(year) from spine), {{ setting('study_end_year') }}) + 1
    ))::integer as year

),

filled_slots as (

    select distinct slot_id from sector_changes

),

record_stocks as (

    select
        filled_slots.slot_id,
        years.year,
        sum(coalesce(sector_changes.net_change, 0)) over (
            partition by filled_slots.slot_id
            order by years.year
            rows between unbounded preceding and current row
        ) as members,
        coalesce(sector_changes.joiners, 0) as joiners
    from filled_slots
    cross join years
    left join sector_changes
        on filled_slots.slot_id = sector_changes.slot_id
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
        slots.city_code,
        slots.sector,
        record_stocks.year,
        record_stocks.members,
        record_stocks.joiners,
        'platform_members' as member_source
    from record_stocks
    inner join slots on record_stocks.slot_id = slots.slot_id
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
