with source as (

    select * from {{ source('raw', 'industry_output') }}

),

final as (

    select
        year,
        trim(sector) as sector,
        gross_output_million_usd
    from source

)

select * from final
