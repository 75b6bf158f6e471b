with pilots as (

    select * from {{ ref('int_policy_pilots_combined') }}

),

final as (

    select
        policy_id,
        city_code,
        batch,
        {{ first_pilot_dates() }},
        min(source) as source,
        {{ data_origin() }} as data_origin
    from pilots
    group by policy_id, city_code, batch

)

select * from final
