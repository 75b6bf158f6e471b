with cells as (

    select * from {{ ref('int_yearbook_cells_interpolated') }}

),

seed as (

    select * from {{ ref('raw_columns') }}
    where table_name = 'city_yearbook'

),

final as (

    select
        cells.city_code,
        cells.year,
        cells.series,
        cells.supplied_value,
        cells.value,
        cells.imputation_code,
        seed.unit,
        {{ data_origin() }} as data_origin
    from cells
    left join seed on cells.series = seed.column_name

)

select * from final
