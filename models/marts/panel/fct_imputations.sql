with cells as (

    select * from {{ ref('int_yearbook_cells_interpolated') }}

),

final as (

    select
        city_code,
        year,
        series,
        value,
        imputation_code,
        previous_year,
        previous_value,
        next_year,
        next_value,
        gap_years,
        supplied_value,
        decision_reason,
        {{ data_origin() }} as data_origin
    from cells
    where imputation_code in ('interpolated', 'carried_forward', 'carried_backward', 'blanked', 'replaced')

)

select * from final
