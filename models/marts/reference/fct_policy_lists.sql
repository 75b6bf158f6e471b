with pilots as (

    select * from {{ ref('int_policy_pilots_combined') }}

),

policy_lists as (

    select * from {{ ref('policy_lists') }}

),

held as (

    select
        policy_id,
        batch,
        min(source) as source,
        count(*) as n_rows,
        count(distinct city_code) as n_cities,
        count(distinct city_code) filter (where scope = 'full') as n_full_cities
    from pilots
    group by policy_id, batch

),

-- What is known of the seed's lists says nothing of a supplied one.
known as (

    select
        policy_id,
        cast(batch as varchar) as batch,
        places_in_notice,
        state,
        evidence
    from policy_lists

),

final as (

    select
        held.policy_id,
        held.batch,
        held.source,
        cast(held.n_rows as integer) as n_rows,
        cast(held.n_cities as integer) as n_cities,
        cast(held.n_full_cities as integer) as n_full_cities,
        known.places_in_notice,
        coalesce(known.state, 'unknown') as state,
        case
            when known.state = 'incomplete'
                then 'the list of ' || held.policy_id || ' is incomplete: batch ' || held.batch
                    || coalesce(' names ' || known.places_in_notice || ' new places', '')
                    || ', of which ' || held.n_rows || ' cities and districts are known here'
        end as remark,
        known.evidence
    from held
    left join known
        on held.policy_id = known.policy_id and held.batch = known.batch and held.source = 'seed'

)

select * from final
