with source as (

    select * from {{ source('raw', 'national_series') }}

),

final as (

    select
        year,
        internet_users_million
    from source

)

select * from final
