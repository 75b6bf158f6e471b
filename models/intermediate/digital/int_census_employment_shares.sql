{{ behind_gate('raw') }}
with census as (

    select * from {{ ref('stg_census__employment') }}

),

mapped as (

    select * from {{ ref('int_industries_mapped') }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

employment as (

    select
        census.city_code,
        mapped.sector,
        sum(census.employed_persons) as employed_persons
    from census
    inner join mapped
        on census.industry_code = mapped.industry_code
    inner join decisions
        on census.city_code = decisions.city_code and decisions.is_kept
    where mapped.sector is not null and census.employed_persons is not null
    group by census.city_code, mapped.sector

),

final as (

    select
        city_code,
        sector,
        employed_persons / nullif(sum(employed_persons) over (partition by city_code), 0) as employment_share
    from employment

)

select * from final
