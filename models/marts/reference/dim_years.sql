with city_years as (

    select * from {{ ref('int_city_years_spined') }}

),

final as (

    select distinct
        year,
        make_date(year, 1, 1) as year_start,
        {{ in_study_years() }} as is_study_year
    from city_years

)

select * from final
