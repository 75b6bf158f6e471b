with source as (

    select * from {{ source('raw', 'input_output_flows') }}

),

final as (

    select
        year,
        trim(supplying_sector) as supplying_sector,
        trim(using_sector) as using_sector,
        value_million_usd
    from source

)

select * from final
