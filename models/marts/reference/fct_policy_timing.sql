with pilots as (

    select * from {{ ref('int_policy_pilots_combined') }}

),

final as (

    -- A city named twice takes its first date; whole-city and district pilots are dated apart.
    select
        policy_id,
        city_code,
        min(year) filter (where scope = 'full') as first_full_year,
        min(announced_year) filter (where scope = 'full') as first_full_announced_year,
        min(year) filter (where scope = 'partial') as first_partial_year,
        min(announced_year) filter (where scope = 'partial') as first_partial_announced_year,
        bool_or(scope = 'full') as is_full_pilot,
        string_agg(distinct evidence, '; ' order by evidence) as evidence
    from pilots
    group by policy_id, city_code

)

select * from final
