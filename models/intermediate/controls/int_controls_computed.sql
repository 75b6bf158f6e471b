with yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

final as (

    -- The logarithm of zero is missing, except for foreign investment, where the paper adds one.
    select
        city_code,
        year,
        {{ positive_log('registered_population_10k * 10000 / nullif(land_area_km2, 0)') }} as pop,
        {{ positive_log('1 + fdi_used_million_usd * 1000000 / nullif(registered_population_10k * 10000, 0)') }} as open,
        {{ positive_log('road_freight_10k_tonnes') }} as fre,
        {{ positive_log('road_area_per_capita_m2') }} as road,
        {{ positive_log('average_wage_yuan') }} as wage,
        {{ positive_log('college_students_persons / nullif(registered_population_10k, 0)') }} as edu,
        above_scale_industrial_firms / nullif(land_area_km2, 0) as agg
    from yearbook

)

select * from final
