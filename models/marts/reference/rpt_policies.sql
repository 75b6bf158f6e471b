{# Whose list each policy rests on, how many of its cities the study has, and what uses it. #}
with pilots as (

    select * from {{ ref('int_policy_pilots_combined') }}

),

supplied_rows as (

    select * from {{ ref('base_policy__pilots') }}

),

dim_cities as (

    select * from {{ ref('dim_cities') }}

),

decisions as (

    select * from {{ ref('fct_sample_decisions') }}

),

specifications as (

    select * from {{ ref('regression_specs') }}

),

policy_lists as (

    select * from {{ ref('fct_policy_lists') }}

),

pilot_aliases as (

    select * from {{ ref('pilot_aliases') }}

),

judged as (

    select
        {{ aliased('policy_id') }} as policy_id,
        coalesce(rule, 'accepted') as rule,
        scope is null as is_scope_assumed
    from supplied_rows
    where policy_id is not null

),

supplied as (

    select
        policy_id,
        count(*) as n_rows_supplied,
        count(*) filter (where rule in ('unknown_city', 'outside_study')) as n_rows_without_city,
        count(*) filter (where rule not in ('accepted', 'unknown_city', 'outside_study')) as n_rows_faulty,
        count(*) filter (where rule = 'accepted' and is_scope_assumed) as n_rows_of_assumed_scope
    from judged
    group by policy_id

),

cities as (

    select
        pilots.policy_id,
        pilots.city_code,
        min(pilots.source) as source,
        bool_or(pilots.scope = 'full') as is_full,
        count(distinct pilots.batch) > 1 or count(distinct pilots.year) > 1 as is_in_several_lists,
        any_value(dim_cities.city_name_en) as city_name_en,
        bool_or(decisions.city_code is not null) as has_data,
        coalesce(bool_or(decisions.is_kept), false) as is_kept
    from pilots
    inner join dim_cities on pilots.city_code = dim_cities.city_code
    left join decisions on pilots.city_code = decisions.city_code
    group by pilots.policy_id, pilots.city_code

),

counted as (

    select
        policy_id,
        min(source) as source,
        count(*) as n_cities,
        count(*) filter (where is_full) as n_full_cities,
        count(*) filter (where is_in_several_lists) as n_cities_in_several_lists,
        count(*) filter (where not has_data) as n_cities_without_data,
        count(*) filter (where has_data and not is_kept) as n_cities_left_out,
        string_agg(city_name_en, ', ' order by city_code) filter (where not has_data) as cities_without_data
    from cities
    group by policy_id

),

uses as (

    select
        named.policy_id,
        count(*) as n_specs
    -- A regression may name several.
    from specifications, unnest(string_split(specifications.policy_id, ' ')) as named (policy_id)
    where named.policy_id <> ''
    group by named.policy_id

),

lists as (

    select
        policy_id,
        string_agg(remark, '; ' order by batch) as remark
    from policy_lists
    group by policy_id

),

policies as (

    select policy_id from counted
    union
    select policy_id from supplied

),

-- Names that a policy which nothing uses may have been meant for.
likenesses as (

    select
        policies.policy_id,
        uses.policy_id as meant,
        max(greatest(
            jaro_winkler_similarity({{ word_key('policies.policy_id') }}, {{ word_key('uses.policy_id') }}),
            coalesce(jaro_winkler_similarity({{ word_key('policies.policy_id') }}, {{ word_key('aliases.alias') }}), 0)
        )) as likeness
    from policies
    cross join uses
    left join pilot_aliases as aliases
        on aliases.column_name = 'policy_id' and aliases.value = uses.policy_id
    where policies.policy_id not in (select uses.policy_id from uses)
    group by policies.policy_id, uses.policy_id

),

nearest as (

    select
        policy_id,
        arg_max(meant, likeness) as meant
    from likenesses
    where likeness >= 0.8
    group by policy_id

),

final as (

    select
        policies.policy_id,
        coalesce(counted.source, 'supplied') as source,
        cast(coalesce(supplied.n_rows_supplied, 0) as integer) as n_rows_supplied,
        cast(coalesce(supplied.n_rows_without_city, 0) as integer) as n_rows_without_city,
        cast(coalesce(supplied.n_rows_faulty, 0) as integer) as n_rows_faulty,
        cast(coalesce(supplied.n_rows_of_assumed_scope, 0) as integer) as n_rows_of_assumed_scope,
        cast(coalesce(counted.n_cities, 0) as integer) as n_cities,
        cast(coalesce(counted.n_full_cities, 0) as integer) as n_full_cities,
        cast(coalesce(counted.n_cities_in_several_lists, 0) as integer) as n_cities_in_several_lists,
        cast(coalesce(counted.n_cities_without_data, 0) as integer) as n_cities_without_data,
        cast(coalesce(counted.n_cities_left_out, 0) as integer) as n_cities_left_out,
        counted.cities_without_data,
        cast(coalesce(uses.n_specs, 0) as integer) as n_specs,
        nullif(concat_ws(
            '; ',
            case
                when uses.n_specs is null
                    then 'no specification uses it'
                        || coalesce(' (is ' || nearest.meant || ' meant?)', '')
            end,
            case when coalesce(counted.n_cities, 0) = 0 then 'none of its rows is a city of the study' end,
            lists.remark
        ), '') as remark
    from policies
    left join counted on policies.policy_id = counted.policy_id
    left join supplied on policies.policy_id = supplied.policy_id
    left join uses on policies.policy_id = uses.policy_id
    left join lists on policies.policy_id = lists.policy_id
    left join nearest on policies.policy_id = nearest.policy_id

)

select * from final
