with members as (

    select distinct trim(industry_code) as industry_code from {{ source('raw', 'platform_members') }}

),

final as (

    select
        cast(row_number() over (order by industry_code) as smallint) as industry_id,
        industry_code
    from members

)

select * from final
