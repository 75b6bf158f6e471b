{# Dense ids fit city x industry x year into 22 bits: DuckDB then groups by perfect hash, about three
   times faster than its general hash table (its default limit is 12 bits). #}
{{ config(
    pre_hook="{{ engine_setting('perfect_ht_threshold', 22) }}",
    post_hook="{{ engine_setting('perfect_ht_threshold', none) }}"
) }}

with members as (

    select * from {{ ref('stg_platform__members') }}

),

-- Difference array: +1 in the year a firm joins, -1 in the year after its last paid year.
-- Spells are never exploded into firm-years.
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
