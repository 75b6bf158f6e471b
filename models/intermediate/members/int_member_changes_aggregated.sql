{# Dense ids fit cell x year into 22 bits: DuckDB then groups by perfect hash, about three times faster
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
-- Difference array: +1 in the year a firm joins, -1 in the year after its last paid year.
-- Spells are never exploded into firm-years.
with members as not materialized (

    -- Both groupings read the table itself: buffered between them it would take a fifth longer.
    select * from {{ ref('stg_platform__members') }}

),

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

final as (

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

)

select * from final
