with source as (

    select * from {{ source('raw', 'platform_members') }}

),

cities as (

    select * from {{ ref('cities') }}

),

members as (

    select
        trim(city_code) as city_code,
        min(joined_year) as first_joined_year
    from source
    group by trim(city_code)

),

known as (

    select * from members
    where not ({{ unknown_city() }})

),

final as (

    -- Dense small integers let the member stage group by perfect hash.
    select
        cast(row_number() over (order by city_code) as smallint) as city_id,
        city_code,
        first_joined_year
    from known

)

select * from final
