-- Question: which cities are the most resilient of the last study year, and which indicators put them there?
-- Grain: one of the twenty cities with the highest score; the three indicators that add most to it.
-- An indicator adds its weight times its score: a city is high where heavy indicators are high.
with contributions as (

    select * from {{ ref('fct_index_contributions') }}
    where index_id = 'resi'
    qualify year = max(year) over ()

),

scores as (

    select
        city_code,
        city_name_en,
        province,
        year,
        sum(contribution) as score,
        max_by(indicator_id, contribution, 3) as largest,
        max(contribution, 3) as their_contributions,
        any_value(data_origin) as data_origin
    from contributions
    group by city_code, city_name_en, province, year

),

final as (

    select
        rank() over (order by score desc) as place,
        city_name_en,
        province,
        year,
        round(score, 4) as score,
        largest[1] as first_indicator,
        round(their_contributions[1], 4) as it_adds,
        largest[2] as second_indicator,
        round(their_contributions[2], 4) as second_adds,
        largest[3] as third_indicator,
        round(their_contributions[3], 4) as third_adds,
        data_origin
    from scores

)

select * from final
where place <= 20
order by place, city_name_en
