with dimension_scores as (

    select * from {{ ref('int_index_dimension_scores') }}

),

cities as (

    select
        city_code,
        city_name_en,
        city_name_zh,
        province
    from {{ ref('dim_cities') }}

),

final as (

    select
        dimension_scores.index_id,
        dimension_scores.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        dimension_scores.year,
        dimension_scores.dimension,
        dimension_scores.score,
        dimension_scores.dimension_weight,
        {{ data_origin() }} as data_origin
    from dimension_scores
    left join cities on dimension_scores.city_code = cities.city_code

)

select * from final
