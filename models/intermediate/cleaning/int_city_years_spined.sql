{{ behind_gate('raw') }}
with cells as (

    select * from {{ ref('int_yearbook_cells') }}

),

final as (

    select distinct
        city_code,
        year
    from cells

)

select * from final
