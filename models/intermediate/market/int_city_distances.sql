with seed as (

    select * from {{ ref('cities') }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

cities as (

    select
        seed.city_code,
        {{ place_number('longitude', 'seed') }} as longitude,
        {{ place_number('latitude', 'seed') }} as latitude
    from seed
    inner join decisions
        on seed.city_code = decisions.city_code and decisions.is_kept
    -- A list of places may do without coordinates.
    where seed.longitude is not null and seed.latitude is not null

),

final as (

    select
        origin.city_code,
        destination.city_code as other_city_code,
        {{ great_circle_km('origin.latitude', 'origin.longitude', 'destination.latitude', 'destination.longitude') }}
            as distance_km
    from cities as origin
    inner join cities as destination on origin.city_code <> destination.city_code

)

select * from final
