{# What each specification of a policy rests on: which batches, how many cities, how complete. #}
with specifications as (

    select
        spec_id,
        policy_id,
        string_split_regex(nullif(trim(cast(batches as varchar)), ''), '\s+') as batches
    from {{ ref('regression_specs') }}
    where policy_id is not null

),

lists as (

    select * from {{ ref('fct_policy_lists') }}

),

pilots as (

    select * from {{ ref('fct_policy_batches') }}

),

counted as (

    select
        specifications.spec_id,
        count(distinct pilots.city_code) as n_pilot_cities
    from specifications
    left join pilots
        on specifications.policy_id = pilots.policy_id
            and (specifications.batches is null or list_contains(specifications.batches, pilots.batch))
    group by specifications.spec_id

),

said as (

    select
        specifications.spec_id,
        min(lists.source) as source,
        string_agg(lists.remark, '; ' order by lists.batch) as list_remark
    from specifications
    left join lists
        on specifications.policy_id = lists.policy_id
            and (specifications.batches is null or list_contains(specifications.batches, lists.batch))
    group by specifications.spec_id

),

final as (

    select
        specifications.spec_id,
        specifications.policy_id,
        array_to_string(specifications.batches, ' ') as batches,
        said.source,
        cast(counted.n_pilot_cities as integer) as n_pilot_cities,
        said.list_remark
    from specifications
    inner join counted on specifications.spec_id = counted.spec_id
    inner join said on specifications.spec_id = said.spec_id

)

select * from final
