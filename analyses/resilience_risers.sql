-- Question: which cities rose most in the resilience ranking between the first and the last study
-- year, and on which dimension?
-- Grain: city ranked in both years; the twenty largest rises in places.
-- Ranks are taken among the cities that have a score in both years, so that entry moves nobody.
with endpoints as (

    select
        min(year) as first_year,
        max(year) as last_year
    from {{ ref('fct_resilience') }}

),

ranked_in_both as (

    select resilience.*
    from {{ ref('fct_resilience') }} as resilience
    cross join endpoints
    where resilience.year in (endpoints.first_year, endpoints.last_year)
    qualify count(*) over (partition by resilience.city_code) = 2

),

ranks as (

    select
        *,
        rank() over (partition by year order by resi desc) as place
    from ranked_in_both

),

final as (

    select
        cities.city_name_en,
        cities.province,
        first.year as first_year,
        last.year as last_year,
        first.place as first_place,
        last.place as last_place,
        first.place - last.place as places_gained,
        round(last.resi - first.resi, 4) as score_change,
        round(last.resistance_recovery - first.resistance_recovery, 4) as resistance_recovery_change,
        round(last.adaptation_regulation - first.adaptation_regulation, 4) as adaptation_regulation_change,
        round(last.transformation_development - first.transformation_development, 4)
            as transformation_development_change,
        last.data_origin
    from ranks as first
    inner join ranks as last on first.city_code = last.city_code and first.year < last.year
    inner join {{ ref('dim_cities') }} as cities on first.city_code = cities.city_code

)

select * from final
qualify row_number() over (order by places_gained desc, city_name_en) <= 20
order by places_gained desc, city_name_en
