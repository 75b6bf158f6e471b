{{ config(
    pre_hook="{{ engine_setting('preserve_insertion_order', 'false') }}",
    post_hook="{{ engine_setting('preserve_insertion_order', none) }}"
) }}

with source as (

    select * from {{ source('raw', 'platform_members') }}

),

cities as (

    select * from {{ ref('stg_platform__cities') }}

),

industries as (

    select * from {{ ref('stg_platform__industries') }}

),

final as (

    select
        source.firm_id,
        cities.city_id,
        industries.industry_id,
        cast(source.joined_year as smallint) as joined_year,
        cast(source.expired_year as smallint) as expired_year
    from source
    inner join cities on trim(source.city_code) = cities.city_code
    inner join industries on trim(source.industry_code) = industries.industry_code

)

select * from final
