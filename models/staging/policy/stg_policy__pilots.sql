with judged as (

    select * from {{ ref('base_policy__pilots') }}

),

pilot_aliases as (

    select * from {{ ref('pilot_aliases') }}

),

final as (

    select
        {{ aliased('policy_id') }} as policy_id,
        city_code,
        city_name_zh,
        {{ aliased('batch') }} as batch,
        year,
        -- A list that says nothing of a scope names whole cities.
        coalesce({{ aliased('scope') }}, 'full') as scope,
        scope is null as is_scope_assumed,
        evidence
    from judged
    where rule is null

)

select * from final
