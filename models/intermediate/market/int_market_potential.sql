with sizes as (

    select * from {{ ref('int_market_sizes') }}

),

yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

distances as (

    select * from {{ ref('int_city_distances') }}

),

-- With markets in few cities only, the sum over "the others" would not be a market potential.
coverage as (

    select
        definition,
        count(distinct city_code) filter (where is_fixed_market) as fixed_markets,
        count(distinct city_code) filter (where is_fixed_market)
            >= {{ setting('min_indicator_coverage') }} * count(distinct city_code) as is_computable
    from sizes
    group by definition

),

own_distances as (

    -- Average distance inside a disc of the city's area (Harris 1954; Redding and Venables 2004).
    select
        city_code,
        year,
        2.0 / 3 * sqrt({{ measure_input('market_potential', 'land_area') }} / pi()) as own_distance_km
    from yearbook

),

other_markets as (

    select
        distances.city_code,
        sizes.year,
        sizes.definition,
        sum(sizes.market_size / distances.distance_km) as other_market_potential
    from distances
    inner join sizes
        on distances.other_city_code = sizes.city_code and sizes.is_fixed_market
    group by distances.city_code, sizes.year, sizes.definition

),

final as (

    select
        sizes.city_code,
        sizes.year,
        sizes.definition,
        coverage.fixed_markets,
        coverage.is_computable,
        sizes.market_size / nullif(own_distances.own_distance_km, 0) as own_market_potential,
        other_markets.other_market_potential
    from sizes
    inner join coverage on sizes.definition = coverage.definition
    inner join own_distances
        on sizes.city_code = own_distances.city_code and sizes.year = own_distances.year
    left join other_markets
        on sizes.city_code = other_markets.city_code
            and sizes.year = other_markets.year
            and sizes.definition = other_markets.definition

)

select * from final
