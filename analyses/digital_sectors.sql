-- Question: which sectors use most digital input, and how has that changed since the first study
-- year?
-- Grain: sector with gross output, narrow definition of the digital sectors, most digital first.
-- The last year is the year of the last input-output table, so that no carried number counts as news.
with coefficients as (

    select * from {{ ref('fct_digital_coefficients') }}
    where
        definition = 'narrow'
        and not is_carried_forward
        and gross_output_million_usd > 0
        and {{ in_study_years() }}

),

endpoints as (

    select
        min(year) as first_year,
        max(year) as last_year
    from coefficients

),

final as (

    select
        last.sector,
        sectors.sector_name_en,
        endpoints.first_year,
        endpoints.last_year,
        round(first.coefficient, 4) as first_coefficient,
        round(last.coefficient, 4) as last_coefficient,
        round(last.coefficient / nullif(first.coefficient, 0), 2) as ratio_of_last_to_first,
        rank() over (order by last.coefficient desc) as place,
        last.data_origin
    from endpoints
    inner join coefficients as last on endpoints.last_year = last.year
    left join coefficients as first
        on endpoints.first_year = first.year and last.sector = first.sector
    left join {{ ref('sectors') }} as sectors on last.sector = sectors.sector

)

select * from final
order by place, sector
