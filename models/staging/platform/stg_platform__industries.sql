with members as (

    select distinct trim(industry_code) as industry_code from {{ source('raw', 'platform_members') }}

),

known as (

    select * from members
    where {{ unknown_industry(ref('stg_input_output__industry_output')) }} = false

),

final as (

    select
        cast(row_number() over (order by industry_code) as smallint) as industry_id,
        industry_code
    from known

)

select * from final
