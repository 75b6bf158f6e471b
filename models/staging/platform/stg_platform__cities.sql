with members as (

    select distinct trim(city_code) as city_code from {{ source('raw', 'platform_members') }}

),

known as (

    select * from members
    where not ({{ unknown_city() }})

),

final as (

    -- Dense small integers let the member stage group by perfect hash.
    select
        cast(row_number() over (order by city_code) as smallint) as city_id,
        city_code
    from known

)

select * from final
