{# From records to stocks in one relation: the counts between them, a row for every cell and year in which
   somebody joins or leaves, are read here alone, and storing them took as long as counting.

   Keys stay integers until the last select, and cells become slots (city x sector) before anything is
   summed: grouping and cumulating by text codes took three times as long. Counts are summed as doubles, exact
   for whole numbers, because the sum of an integer is a 128-bit integer in DuckDB.

   Dense ids fit cell x year into 22 bits: DuckDB then groups by perfect hash, about three times faster
   than its general hash table (its default limit is 12 bits). The year comes first: its counts then lie
   side by side, and the processor's cache holds them. Joins and exits are counted at the same time only
   where their rows may be stored in any order. #}
{{ config(
    pre_hook=[
        "{{ engine_setting('perfect_ht_threshold', 22) }}",
        "{{ engine_setting('preserve_insertion_order', 'false') }}"
    ],
    post_hook=[
        "{{ engine_setting('perfect_ht_threshold', none) }}",
        "{{ engine_setting('preserve_insertion_order', none) }}"
    ]
) }}

{{ behind_gate('raw') }}
with members as not materialized (

    -- Both groupings read the table itself: buffered between them it would take a fifth longer.
    select * from {{ ref('stg_platform__members') }}

),

cells as (

    select * from {{ ref('stg_platform__cells') }}

),

mapped as (

    select * from {{ ref('int_industries_mapped') }}

),

{% if takes_member_changes() %}
member_change_counts as (

    select * from {{ ref('stg_platform__member_change_counts') }}

),

{% endif %}
spine as (

    select * from {{ ref('int_city_years_spined') }}

),

counts as (

    select * from {{ ref('stg_platform__member_counts') }}

),

-- Difference array: +1 in the year a firm joins, -1 in the year after its last paid year.
-- Spells are never exploded into firm-years.
joins as (

    select
        joined_year as year,
        cell_id,
        count(*) as joined
    from members
    group by joined_year, cell_id

),

exits as (

    select
        expired_year as last_paid_year,
        cell_id,
        count(*) as left_after
    from members
    where expired_year is not null
    group by expired_year, cell_id

),

{% if takes_member_changes() %}
arrived_cells as (

    -- The first spelling of a code stands for all of them.
    select
        min(cells.cell_id) as cell_id,
        arrived.city_code,
        arrived.industry_code
    from (select distinct city_code, industry_code from member_change_counts) as arrived
    inner join cells on arrived.city_code = cells.city_code and arrived.industry_code = cells.industry_code
    group by arrived.city_code, arrived.industry_code

),

{% endif %}
changes as (

    select
        cell_id,
        year,
        joined as joiners,
        joined as net_change
    from joins
    union all
    select
        cell_id,
        last_paid_year + 1 as year,
        0 as joiners,
        -left_after as net_change
    from exits
    {%- if takes_member_changes() %}
    union all
    select
        arrived_cells.cell_id,
        arrived.year,
        arrived.joiners,
        arrived.net_change
    from member_change_counts as arrived
    inner join arrived_cells
        on arrived.city_code = arrived_cells.city_code and arrived.industry_code = arrived_cells.industry_code
    {%- endif %}

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
        -- Records say more than counts: counts are used only where no record has a sector.
        and not exists (select 1 from filled_slots)
    group by all

),

final as (

    select
        slots.city_code,
        slots.sector,
        record_stocks.year,
        record_stocks.members,
        record_stocks.joiners
    from record_stocks
    inner join slots on record_stocks.slot_id = slots.slot_id
    union all
    select
        city_code,
        sector,
        year,
        cast(members as double) as members,
        null as joiners
    from supplied_counts

)

select * from final
