-- The contributions of a city-year sum to the score of the index, in every index that is a weighted sum:
-- to 1e-12, of z-scores, which have no bounds, of the digits there are.
with contributions as (

    select * from {{ ref('fct_index_contributions') }}
    where contribution is not null

),

scores as (

    select * from {{ ref('fct_index_scores') }}

),

definitions as (

    select * from {{ ref('index_definitions') }}
    where aggregation = 'weighted_sum'

),

sums as (

    select
        index_id,
        city_code,
        year,
        sum(contribution) as contributed
    from contributions
    group by index_id, city_code, year

)

select
    scores.index_id,
    scores.city_code,
    scores.year,
    scores.score,
    sums.contributed
from scores
inner join definitions on scores.index_id = definitions.index_id
full join sums
    on scores.index_id = sums.index_id and scores.city_code = sums.city_code and scores.year = sums.year
where coalesce(abs(scores.score - sums.contributed) > 1e-12 * greatest(1, abs(scores.score)), true)
