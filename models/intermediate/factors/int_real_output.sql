{# Real output and a price chain per city, both from the first raw year. #}
with cleaned as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

yearbook as (

    select
        city_code,
        year,
        gdp_100m_yuan,
        -- An index of zero or less is no link of a chain.
        case when gdp_index_prev_year_100 > 0 then gdp_index_prev_year_100 end as gdp_index_prev_year_100,
        case when cpi_prev_year_100 > 0 then cpi_prev_year_100 end as cpi_prev_year_100,
        year = min(year) over () as is_base_year
    from cleaned

),

chained as (

    select
        city_code,
        year,
        first_value(gdp_100m_yuan) over in_order as base_gdp_100m_yuan,
        -- A link missing anywhere breaks the chain from there on.
        case when count(case when is_base_year then 1 else gdp_index_prev_year_100 end) over in_order
            = count(*) over in_order
            then exp(sum(case when is_base_year then 0 else ln(gdp_index_prev_year_100 / 100) end) over in_order)
        end as output_chain,
        case when count(case when is_base_year then 1 else cpi_prev_year_100 end) over in_order
            = count(*) over in_order
            then exp(sum(case when is_base_year then 0 else ln(cpi_prev_year_100 / 100) end) over in_order)
        end as price_chain
    from yearbook
    window in_order as (
        partition by city_code order by year
        rows between unbounded preceding and current row
    )

),

final as (

    select
        city_code,
        year,
        base_gdp_100m_yuan * output_chain as real_gdp_100m_yuan,
        output_chain,
        price_chain
    from chained

)

select * from final
