with source as (

    select * from {{ source('raw', 'policy_pilots') }}

),

final as (

    select
        trim(policy_id) as policy_id,
        lpad(trim(city_code), 6, '0') as city_code,
        trim(city_name_zh) as city_name_zh,
        trim(batch) as batch,
        year,
        trim(scope) as scope,
        trim(evidence) as evidence
    from source

)

select * from final
