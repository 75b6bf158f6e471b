with cells as (

    select * from {{ ref('int_yearbook_cells_interpolated') }}

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
        cells.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        cells.year,
        cells.series,
        cells.value,
        cells.imputation_code,
        cells.previous_year,
        cells.previous_value,
        cells.next_year,
        cells.next_value,
        cells.gap_years,
        cells.supplied_value,
        cells.decision_reason,
        cells.derivation,
        {{ data_origin() }} as data_origin
    from cells
    left join cities on cells.city_code = cities.city_code
    where cells.imputation_code in ('interpolated', 'carried_forward', 'carried_backward', 'blanked', 'replaced')
        or cells.derivation is not null

)

select * from final
