with industries as (

    select * from {{ ref('stg_codes__industries') }}

),

known as (

    select
        given_code,
        industry_code
    from industries
    where table_name = 'platform_members' and rule is null

),

final as (

    select
        cast(row_number() over (order by given_code) as smallint) as industry_id,
        given_code,
        industry_code
    from known

)

select * from final
