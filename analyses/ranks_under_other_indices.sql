-- Question: whose rank hangs on how the index is made: its weights, its normalization, its aggregation?
-- Grain: city, last study year; the twenty whose rank differs most between the rows of index_definitions
-- that rank the same indicators.
with same_indicators as (

    select index_id
    from {{ ref('index_definitions') }}
    where indicator_set = 'resilience'

),

ranks as (

    select scores.*
    from {{ ref('fct_index_scores') }} as scores
    inner join same_indicators on scores.index_id = same_indicators.index_id
    qualify year = max(year) over ()

),

final as (

    select
        cities.city_name_en,
        cities.province,
        ranks.year,
        max(case when ranks.index_id = 'resi' then ranks.rank_in_year end) as rank_of_resi,
        median(ranks.rank_in_year) as median_rank,
        min(ranks.rank_in_year) as best_rank,
        min_by(ranks.index_id, ranks.rank_in_year) as best_under,
        max(ranks.rank_in_year) as worst_rank,
        max_by(ranks.index_id, ranks.rank_in_year) as worst_under,
        count(*) as indices,
        any_value(ranks.data_origin) as data_origin
    from ranks
    inner join {{ ref('dim_cities') }} as cities on ranks.city_code = cities.city_code
    group by cities.city_name_en, cities.province, ranks.year, ranks.city_code

)

select * from final
qualify row_number() over (order by worst_rank - best_rank desc, city_name_en) <= 20
order by worst_rank - best_rank desc, city_name_en
