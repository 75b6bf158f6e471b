-- Question: where do firms gather on the platform though they do not gather on the ground?
-- Grain: city of the highest quarter of virtual and the lowest half of geographic agglomeration, last year.
with last_year as (

    select * from {{ ref('fct_estimation_panel') }}
    where vagg is not null and agg is not null
    qualify year = max(year) over ()

),

panel as (

    select
        *,
        percent_rank() over (order by vagg) as place_virtual,
        percent_rank() over (order by agg) as place_geographic
    from last_year

),

final as (

    select
        city_name_en,
        province,
        year,
        round(vagg, 3) as virtual_agglomeration,
        round(100 * place_virtual, 0) as virtual_percentile,
        round(agg, 4) as geographic_agglomeration,
        round(100 * place_geographic, 0) as geographic_percentile,
        round(resi, 4) as resi,
        data_origin
    from panel
    where place_virtual >= 0.75 and place_geographic <= 0.5

)

select * from final
order by virtual_percentile - geographic_percentile desc, city_name_en
