{# The seed and the supplied file as one list. A supplied row replaces the seed's of the same policy,
   city and batch. #}
{{ behind_gate('raw') }}
with seed as (

    select
        policy_id,
        city_code,
        cast(batch as varchar) as batch,
        year,
        announced_year,
        scope,
        evidence,
        'seed' as source
    from {{ ref('policy_pilots') }}

),

supplied as (

    select
        policy_id,
        city_code,
        coalesce(batch, '') as batch,
        year,
        -- The raw contract has one year; it stands for both.
        year as announced_year,
        scope,
        evidence,
        'supplied' as source
    from {{ ref('stg_policy__pilots') }}

),

combined as (

    select * from supplied
    union all
    select seed.*
    from seed
    left join supplied
        on seed.policy_id = supplied.policy_id
            and seed.city_code = supplied.city_code
            and seed.batch = supplied.batch
    where supplied.city_code is null

),

final as (

    select combined.*
    from combined
    inner join {{ ref('cities') }} as cities on combined.city_code = cities.city_code

)

select * from final
