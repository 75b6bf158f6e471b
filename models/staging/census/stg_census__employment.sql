with source as (

    select * from {{ source('raw', 'economic_census_employment') }}

),

final as (

    select
        lpad(trim(city_code), 6, '0') as city_code,
        trim(industry_code) as industry_code,
        employed_persons
    from source

)

select * from final
