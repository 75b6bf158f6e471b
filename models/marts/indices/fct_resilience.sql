with scores as (

    select * from {{ ref('int_index_scores') }}
    where index_id = 'resi'

),

dimension_scores as (

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

dimensions as (

    select
        city_code,
        year,
        max(score) filter (where dimension = 'resistance_recovery') as resistance_recovery,
        max(score) filter (where dimension = 'adaptation_regulation') as adaptation_regulation,
        max(score) filter (where dimension = 'transformation_development') as transformation_development
    from dimension_scores
    where index_id = 'resi'
    group by city_code, year

),

final as (

    select
        scores.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        scores.year,
        scores.score as resi,
        dimensions.resistance_recovery,
        dimensions.adaptation_regulation,
        dimensions.transformation_development,
        -- Ties share the better rank.
        rank() over (partition by scores.year order by scores.score desc)::integer as rank_in_year,
        {{ data_origin() }} as data_origin
    from scores
    inner join dimensions
        on scores.city_code = dimensions.city_code and scores.year = dimensions.year
    left join cities on scores.city_code = cities.city_code

)

select * from final
