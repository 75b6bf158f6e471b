with pilots as (

    select * from {{ ref('int_policy_pilots_combined') }}

),

final as (

    -- A city named twice takes its first date; whole-city and district pilots are dated apart.
    select
        policy_id,
        city_code,
        {{ first_pilot_dates() }},
        bool_or(scope = 'full') as is_full_pilot,
        string_agg(distinct evidence, '; ' order by evidence) as evidence
    from pilots
    group by policy_id, city_code

)

select * from final
