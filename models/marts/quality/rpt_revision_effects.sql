with scores as (

    select * from {{ ref('snapshot_resilience') }}

),

revisions as (

    select * from {{ ref('fct_revisions') }}

),

first_scores as (

    select
        data_origin,
        min(dbt_valid_from) as first_recorded_at
    from scores
    group by data_origin

),

revised_city_years as (

    select
        data_origin,
        revised_at,
        city_code,
        year,
        count(*) as n_cells
    from revisions
    group by data_origin, revised_at, city_code, year

),

revised_cities as (

    select
        data_origin,
        revised_at,
        city_code,
        sum(n_cells)::bigint as n_cells
    from revised_city_years
    group by data_origin, revised_at, city_code

),

revision_times as (

    select distinct
        data_origin,
        revised_at
    from revised_city_years

),

score_changes as (

    {{ changes_on_record('scores', ['data_origin', 'city_code', 'year'], ['resi', 'rank_in_year']) }}

),

moved as (

    select
        score_changes.data_origin,
        score_changes.changed_at as revised_at,
        score_changes.city_code,
        score_changes.year,
        score_changes.resi_before,
        score_changes.resi_after,
        score_changes.rank_in_year_before as rank_before,
        score_changes.rank_in_year_after as rank_after
    from score_changes
    inner join revision_times
        on score_changes.data_origin = revision_times.data_origin
            and score_changes.changed_at = revision_times.revised_at
    inner join first_scores
        on score_changes.data_origin = first_scores.data_origin
            and score_changes.changed_at > first_scores.first_recorded_at

),

-- Cells were revised and the score stayed: they enter no used indicator, or other years only.
unmoved as (

    select
        revised.data_origin,
        revised.revised_at,
        revised.city_code,
        revised.year,
        scores.resi as resi_before,
        scores.resi as resi_after,
        scores.rank_in_year as rank_before,
        scores.rank_in_year as rank_after
    from revised_city_years as revised
    left join moved
        on revised.data_origin = moved.data_origin
            and revised.revised_at = moved.revised_at
            and revised.city_code = moved.city_code
            and revised.year = moved.year
    left join scores
        on revised.data_origin = scores.data_origin
            and revised.city_code = scores.city_code
            and revised.year = scores.year
            and scores.dbt_valid_from <= revised.revised_at
            and coalesce(scores.dbt_valid_to > revised.revised_at, true)
    where moved.city_code is null

),

affected as (

    select * from moved
    union all
    select * from unmoved

),

final as (

    select
        affected.revised_at,
        affected.city_code,
        affected.year,
        coalesce(own.n_cells, 0) as n_cells_revised,
        coalesce(city.n_cells, 0) as n_cells_revised_in_city,
        affected.resi_before,
        affected.resi_after,
        affected.resi_after - affected.resi_before as resi_change,
        affected.rank_before,
        affected.rank_after,
        affected.rank_before - affected.rank_after as places_gained,
        case
            when own.n_cells is not null then 'own_cells'
            when city.n_cells is not null then 'own_city'
            else 'other_cities'
        end as moved_by,
        affected.data_origin
    from affected
    left join revised_city_years as own
        on affected.data_origin = own.data_origin
            and affected.revised_at = own.revised_at
            and affected.city_code = own.city_code
            and affected.year = own.year
    left join revised_cities as city
        on affected.data_origin = city.data_origin
            and affected.revised_at = city.revised_at
            and affected.city_code = city.city_code

)

select * from final
