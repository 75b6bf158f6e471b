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

{% if takes_member_changes() %}
member_change_counts as (

    select * from {{ ref('stg_platform__member_change_counts') }}

),

cells as (

    select * from {{ ref('stg_platform__cells') }}

),

arrived as (

    -- The first spelling of a code stands for all of them.
    select
        min(cells.cell_id) as cell_id,
        counts.city_code,
        counts.industry_code
    from (select distinct city_code, industry_code from member_change_counts) as counts
    inner join cells on counts.city_code = cells.city_code and counts.industry_code = cells.industry_code
    group by counts.city_code, counts.industry_code

),
{% endif %}
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
        joined as net_change,
        false as arrived_by_month
    from joins
    union all
    select
        cell_id,
        last_paid_year + 1 as year,
        0 as joiners,
        -left_after as net_change,
        false as arrived_by_month
    from exits
    {%- if takes_member_changes() %}
    union all
    select
        arrived.cell_id,
        counts.year,
        sum(counts.joiners) as joiners,
        sum(counts.net_change) as net_change,
        true as arrived_by_month
    from member_change_counts as counts
    inner join arrived on counts.city_code = arrived.city_code and counts.industry_code = arrived.industry_code
    group by arrived.cell_id, counts.year
    {%- endif %}

)

select * from final
