with yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

final as (

    -- The logarithm of zero is missing, except for foreign investment, where the paper adds one.
    select
        city_code,
        year,
        ln(nullif(registered_population_10k, 0) * 10000 / nullif(land_area_km2, 0)) as pop,
        ln(1 + fdi_used_million_usd * 1000000 / (nullif(registered_population_10k, 0) * 10000)) as open,
        ln(nullif(road_freight_10k_tonnes, 0)) as fre,
        ln(nullif(road_area_per_capita_m2, 0)) as road,
        ln(nullif(average_wage_yuan, 0)) as wage,
        ln(nullif(college_students_persons, 0) / nullif(registered_population_10k, 0)) as edu,
        above_scale_industrial_firms / nullif(land_area_km2, 0) as agg
    from yearbook

)

select * from final
