with source as (

    select * from {{ source('raw', 'platform_members') }}

),

cities as (

    select * from {{ ref('cities') }}

),

industries as (

    select * from {{ ref('stg_platform__industries') }}

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

    select
        cast(row_number() over (order by city_code) as smallint) as city_id,
        city_code,
        -- Cells of a city are numbered one after the other, a cell for each industry.
        cast(
            (row_number() over (order by city_code) - 1) * (select count(*) from industries) as integer
        ) as cells_before,
        first_joined_year
    from known

)

select * from final
