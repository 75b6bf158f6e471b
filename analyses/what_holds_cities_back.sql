-- Question: what would lift a city most: on which indicator is it furthest below the best, by weight?
-- Grain: one of the ten provincial capitals or municipalities ranked lowest in the last study year.
-- The gap is weight times (1 - score): what the index would gain at the best value that occurs.
with contributions as (

    select * from {{ ref('fct_index_contributions') }}
    where index_id = 'resi'
    qualify year = max(year) over ()

),

capitals as (

    select city_code
    from {{ ref('dim_cities') }}
    where is_provincial_capital or is_municipality

),

gaps as (

    select
        contributions.city_name_en,
        contributions.year,
        sum(contributions.contribution) over (partition by contributions.city_code) as total,
        contributions.indicator_id,
        contributions.weight * (1 - contributions.score) as gap,
        contributions.score,
        contributions.data_origin
    from contributions
    inner join capitals on contributions.city_code = capitals.city_code
    qualify row_number() over (
        partition by contributions.city_code
        order by contributions.weight * (1 - contributions.score) desc, contributions.indicator_id
    ) = 1

)

select
    city_name_en,
    year,
    round(total, 4) as score,
    indicator_id as furthest_below,
    round(score, 3) as score_there,
    round(gap, 4) as index_would_gain,
    data_origin
from gaps
qualify row_number() over (order by total, city_name_en) <= 10
order by total, city_name_en
