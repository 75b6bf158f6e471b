with output as (

    select * from {{ ref('int_real_output') }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

cities as (

    select * from {{ ref('cities') }}

),

yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

capital as (

    select * from {{ ref('int_capital_stocks') }}

),

final as (

    select
        output.city_code,
        output.year,
        cities.province_code,
        output.real_gdp_100m_yuan,
        capital.capital_100m_yuan,
        yearbook.employed_persons_10k,
        yearbook.average_wage_yuan / output.price_chain as real_wage_yuan
    from output
    inner join decisions
        on output.city_code = decisions.city_code and decisions.is_kept
    inner join cities on output.city_code = cities.city_code
    inner join yearbook
        on output.city_code = yearbook.city_code and output.year = yearbook.year
    inner join capital
        on output.city_code = capital.city_code and output.year = capital.year
    -- Without all three factors there is no production function: such city-years stay out.
    where {{ in_study_years('output.year') }}
        and output.real_gdp_100m_yuan > 0
        and capital.capital_100m_yuan > 0
        and yearbook.employed_persons_10k > 0

)

select * from final
