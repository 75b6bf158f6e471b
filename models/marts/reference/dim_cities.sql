with cities as (

    select * from {{ ref('cities') }}

),

provinces as (

    select * from {{ ref('provinces') }}

),

group_members as (

    select * from {{ ref('city_groups') }}

),

city_groups as (

    select
        city_code,
        bool_or(group_id = 'old_industrial_base') as is_old_industrial,
        bool_or(group_id in (
            'jing_jin_ji', 'yangtze_river_delta', 'pearl_river_delta', 'middle_yangtze', 'chengdu_chongqing'
        )) as is_urban_agglomeration,
        bool_or(group_id = 'yangtze_belt') as is_yangtze_belt,
        bool_or(group_id = 'provincial_capital') as is_provincial_capital,
        bool_or(group_id = 'municipality') as is_municipality
    from group_members
    group by city_code

),

final as (

    select
        cities.city_code,
        cities.city_name_zh,
        cities.city_name_en,
        cities.province_code,
        provinces.province_name_zh as province_zh,
        provinces.province_name_en as province,
        cities.longitude,
        cities.latitude,
        coalesce(city_groups.is_old_industrial, false) as is_old_industrial,
        coalesce(city_groups.is_urban_agglomeration, false) as is_urban_agglomeration,
        coalesce(city_groups.is_yangtze_belt, false) as is_yangtze_belt,
        coalesce(city_groups.is_provincial_capital, false) as is_provincial_capital,
        coalesce(city_groups.is_municipality, false) as is_municipality,
        cities.evidence
    from cities
    inner join provinces on cities.province_code = provinces.province_code
    left join city_groups on cities.city_code = city_groups.city_code

)

select * from final
