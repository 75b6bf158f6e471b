with cities as (

    select * from {{ ref('stg_platform__cities') }}

),

industries as (

    select * from {{ ref('stg_platform__industries') }}

),

final as (

    select
        cast(cities.cells_before + industries.industry_id as integer) as cell_id,
        cities.city_id,
        industries.industry_id,
        cities.city_code,
        industries.industry_code
    from cities
    cross join industries

)

select * from final
