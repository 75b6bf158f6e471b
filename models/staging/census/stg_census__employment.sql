with judged as (

    select * from {{ ref('base_census__employment') }}

),

final as (

    select
        city_code,
        industry_code,
        employed_persons
    from judged
    where rule is null

)

select * from final
