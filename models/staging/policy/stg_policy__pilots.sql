with judged as (

    select * from {{ ref('base_policy__pilots') }}

),

final as (

    select
        policy_id,
        city_code,
        city_name_zh,
        batch,
        year,
        scope,
        evidence
    from judged
    where rule is null

)

select * from final
