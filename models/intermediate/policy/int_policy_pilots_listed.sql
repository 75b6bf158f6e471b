{# The seed and the supplied file as one list. A policy of which the file has a row, sound or not, is
   the file's alone: the seed's rows of it are left out. #}
with pilots as (

    select * from {{ ref('stg_policy__pilots') }}

),

supplied_rows as (

    select * from {{ ref('base_policy__pilots') }}

),

policy_pilots as (

    select * from {{ ref('policy_pilots') }}

),

cities as (

    select * from {{ ref('cities') }}

),

pilot_aliases as (

    select * from {{ ref('pilot_aliases') }}

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
    from pilots

),

supplied_policies as (

    select distinct {{ aliased('policy_id') }} as policy_id
    from supplied_rows
    where policy_id is not null

),

seed as (

    select
        policy_id,
        city_code,
        cast(batch as varchar) as batch,
        year,
        coalesce(announced_year, year) as announced_year,
        scope,
        evidence,
        'seed' as source
    from policy_pilots
    where policy_id not in (select supplied_policies.policy_id from supplied_policies)

),

combined as (

    select * from supplied
    union all
    select * from seed

),

final as (

    select combined.*
    from combined
    inner join cities on combined.city_code = cities.city_code

)

select * from final
