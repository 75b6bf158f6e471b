-- Question: what was revised in the yearbook, and what did it do to the ranks?
-- Grain: revision x city x year; twenty rows, revised city-years first, then the largest moves in places.
-- A city that moved without a revised cell of its own says whose cells moved it: bounds and weights
-- are pooled. Empty until a second build brings other values.
with effects as (

    select * from {{ ref('rpt_revision_effects') }}

),

revised_cells as (

    select
        data_origin,
        revised_at,
        city_code,
        year,
        string_agg(
            series || ' ' || coalesce(format('{:.6g}', value_before), 'empty')
                || ' -> ' || coalesce(format('{:.6g}', value_after), 'empty'),
            '; ' order by series
        ) as own_cells
    from {{ ref('fct_revisions') }}
    group by data_origin, revised_at, city_code, year

),

final as (

    select
        effects.revised_at,
        cities.city_name_en,
        effects.year,
        coalesce(
            revised_cells.own_cells,
            case effects.moved_by when 'own_city' then 'other years of the city' else 'other cities' end
        ) as moved_by,
        effects.rank_before,
        effects.rank_after,
        effects.places_gained,
        round(effects.resi_change, 6) as resi_change,
        effects.n_cells_revised,
        effects.data_origin
    from effects
    inner join {{ ref('cities') }} as cities on effects.city_code = cities.city_code
    left join revised_cells
        on effects.data_origin = revised_cells.data_origin
            and effects.revised_at = revised_cells.revised_at
            and effects.city_code = revised_cells.city_code
            and effects.year = revised_cells.year

)

select * from final
qualify row_number() over (
    order by
        n_cells_revised > 0 desc,
        abs(places_gained) desc nulls last,
        abs(resi_change) desc nulls last,
        city_name_en asc,
        year asc
) <= 20
order by
    n_cells_revised > 0 desc,
    abs(places_gained) desc nulls last,
    abs(resi_change) desc nulls last,
    city_name_en,
    year
