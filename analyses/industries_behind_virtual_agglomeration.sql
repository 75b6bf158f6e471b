-- Question: which industries drive a city's virtual agglomeration?
-- Grain: one of the ten cities with the highest value in the last year x its three largest terms.
-- Virtual agglomeration sums location quotient times digital coefficient over sectors: each is a term.
with quotients as (

    select * from {{ ref('fct_location_quotients') }}
    qualify year = max(year) over ()

),

coefficients as (

    select * from {{ ref('fct_digital_coefficients') }}
    where definition = 'narrow'

),

cities as (

    select
        city_code,
        year,
        vagg
    from {{ ref('fct_virtual_agglomeration') }}
    where vagg is not null
    qualify year = max(year) over ()

),

terms as (

    select
        cities.city_code,
        cities.vagg,
        quotients.sector,
        quotients.lq,
        coefficients.coefficient,
        quotients.lq * coefficients.coefficient as term,
        quotients.data_origin
    from cities
    inner join quotients on cities.city_code = quotients.city_code and cities.year = quotients.year
    inner join coefficients on quotients.sector = coefficients.sector and quotients.year = coefficients.year

),

final as (

    select
        dim_cities.city_name_en,
        round(terms.vagg, 4) as vagg,
        dense_rank() over (order by terms.vagg desc, terms.city_code) as place,
        coalesce(sectors.sector_name_en, terms.sector) as sector_name,
        round(terms.lq, 2) as location_quotient,
        round(terms.coefficient, 4) as digital_coefficient,
        round(100 * terms.term / terms.vagg, 1) as percent_of_the_city,
        row_number() over (partition by terms.city_code order by terms.term desc, terms.sector) as place_in_city,
        terms.data_origin
    from terms
    inner join {{ ref('dim_cities') }} as dim_cities on terms.city_code = dim_cities.city_code
    left join {{ ref('sectors') }} as sectors on terms.sector = sectors.sector

)

select * from final
where place <= 10 and place_in_city <= 3
order by place, place_in_city
