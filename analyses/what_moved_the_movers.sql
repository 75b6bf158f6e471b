-- Question: which cities moved most in the ranking since the year before, and which indicator moved them?
-- Grain: one of the twenty cities whose place changed most in the last study year.
-- The mover is the indicator whose contribution changed most in the direction of the score.
with contributions as (

    select * from {{ ref('fct_index_contributions') }}
    where index_id = 'resi'
    qualify year = max(year) over ()

),

scores as (

    select
        city_code,
        year,
        score,
        rank_in_year,
        lag(rank_in_year) over by_city as rank_before,
        score - lag(score) over by_city as score_change,
        data_origin
    from {{ ref('fct_index_scores') }}
    where index_id = 'resi'
    window by_city as (partition by city_code order by year)

),

changes as (

    select
        contributions.city_name_en,
        scores.rank_before,
        scores.rank_in_year,
        scores.rank_before - scores.rank_in_year as places_gained,
        round(scores.score_change, 4) as score_change,
        contributions.indicator_id as moved_by,
        round(contributions.contribution_change, 4) as its_change,
        scores.data_origin
    from scores
    inner join contributions
        on scores.city_code = contributions.city_code and scores.year = contributions.year
    where contributions.contribution_change is not null
    qualify row_number() over (
        partition by scores.city_code
        order by contributions.contribution_change * sign(scores.score_change) desc, contributions.indicator_id
    ) = 1

)

select * from changes
qualify row_number() over (order by abs(places_gained) desc, city_name_en) <= 20
order by abs(places_gained) desc, city_name_en
