with scores as (

    select * from {{ ref('int_index_scores') }}

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
        scores.index_id,
        scores.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        scores.year,
        scores.score,
        rank() over (partition by scores.index_id, scores.year order by scores.score desc)::integer as rank_in_year,
        {{ data_origin() }} as data_origin
    from scores
    left join cities on scores.city_code = cities.city_code

)

select * from final
