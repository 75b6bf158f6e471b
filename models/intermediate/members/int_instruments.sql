{{ behind_gate('raw') }}
with seed as (

    select * from {{ ref('national_series') }}

),

supplied as (

    select * from {{ ref('stg_national__series') }}

),

members as (

    select * from {{ ref('int_city_members') }}

),

internet_users as (

    -- A supplied year replaces the seed's.
    select
        coalesce(supplied.year, seed.year) as year,
        coalesce(supplied.internet_users_million, seed.internet_users_million) as internet_users_million
    from seed
    full outer join supplied on seed.year = supplied.year

),

base_members as (

    select
        city_code,
        members as base_year_members
    from members
    where year = {{ setting('instrument_base_year') }} and members is not null

),

final as (

    select
        base_members.city_code,
        internet_users.year,
        base_members.base_year_members,
        internet_users.internet_users_million,
        -- As printed: users in 10,000 persons. Two-way effects absorb all of it but zero against some.
        ln(1 + base_members.base_year_members * internet_users.internet_users_million * 100) as iv,
        -- Identified: the exposure varies by city at every level of national users.
        ln(1 + base_members.base_year_members) * ln(previous.internet_users_million * 100) as iv_identified,
        base_members.base_year_members * previous.internet_users_million * 100 / 1000 as iv_linear
    from base_members
    cross join internet_users
    left join internet_users as previous on internet_users.year - 1 = previous.year

)

select * from final
