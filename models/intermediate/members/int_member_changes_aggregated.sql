{# Dense ids fit city x industry x year into 22 bits: DuckDB then groups by perfect hash, about three
   times faster than its general hash table (its default limit is 12 bits). Joins and exits are
   counted at the same time only where their rows may be stored in any order. #}
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
        city_id,
        industry_id,
        joined_year as year,
        count(*) as joined
    from members
    group by city_id, industry_id, joined_year

),

exits as (

    select
        city_id,
        industry_id,
        expired_year as last_paid_year,
        count(*) as left_after
    from members
    where expired_year is not null
    group by city_id, industry_id, expired_year

),

final as (

    select
        city_id,
        industry_id,
        year,
        joined as joiners,
        joined as net_change
    from joins
    union all
    select
        city_id,
        industry_id,
        last_paid_year + 1 as year,
        0 as joiners,
        -left_after as net_change
    from exits

)

select * from final
