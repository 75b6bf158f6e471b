with source as (

    select * from {{ source('raw', 'platform_member_counts') }}

),

final as (

    select
        lpad(trim(city_code), 6, '0') as city_code,
        trim(industry_code) as industry_code,
        year,
        member_count
    from source

)

select * from final
