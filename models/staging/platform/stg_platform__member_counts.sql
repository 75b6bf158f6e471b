with judged as (

    select * from {{ ref('base_platform__member_counts') }}

),

final as (

    select
        city_code,
        industry_code,
        year,
        member_count
    from judged
    where rule is null

)

select * from final
