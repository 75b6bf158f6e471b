{{ config(
    pre_hook="{{ engine_setting('preserve_insertion_order', 'false') }}",
    post_hook="{{ engine_setting('preserve_insertion_order', none) }}"
) }}

with source as not materialized (

    select * from {{ source('raw', 'platform_members') }}

),

cities as (

    select * from {{ ref('stg_platform__cities') }}

),

industries as (

    select * from {{ ref('stg_platform__industries') }}

),

judged as (

    select * from {{ ref('base_platform__members') }}

),

spellings as (

    -- Judged records carry what their code stands for: any spelling of it will do.
    select
        industry_code,
        min(given_code) as given_code
    from industries
    group by industry_code

),

odd_firms as (

    select distinct firm_id from judged
    where firm_id is not null

),

sound as (

    -- Every record that is rejected or repeated is in `judged`; all others are taken as they are. Joined, not
    -- `not exists`: DuckDB would first group every firm_id, which took three quarters of the time.
    select
        source.firm_id,
        trim(source.city_code) as city_code,
        trim(source.industry_code) as industry_code,
        source.joined_year,
        source.expired_year
    from source
    left join odd_firms on trim(source.firm_id) = odd_firms.firm_id
    where odd_firms.firm_id is null and trim(source.firm_id) <> ''
    union all
    select
        judged.firm_id,
        judged.city_code,
        spellings.given_code as industry_code,
        judged.joined_year,
        judged.expired_year
    from judged
    inner join spellings on judged.industry_code = spellings.industry_code
    where judged.rule is null

),

final as (

    select
        sound.firm_id,
        cast(cities.cells_before + industries.industry_id as integer) as cell_id,
        cast(sound.joined_year as smallint) as joined_year,
        -- Contracts without an end are dated far away by some platforms; not `least`, which skips nulls.
        cast(case when sound.expired_year > 9999 then 9999 else sound.expired_year end as smallint) as expired_year
    from sound
    inner join cities on sound.city_code = cities.city_code
    inner join industries on sound.industry_code = industries.given_code

)

select * from final
