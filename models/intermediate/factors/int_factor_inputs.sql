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

labour as (

    select
        city_code,
        year,
        {{ measure_input('misallocation', 'workers') }} as workers,
        {{ measure_input('misallocation', 'wage') }} as wage
    from yearbook

),

final as (

    select
        output.city_code,
        output.year,
        cities.province_code,
        output.real_output,
        capital.capital,
        labour.workers,
        labour.wage / output.price_chain as real_wage
    from output
    inner join decisions
        on output.city_code = decisions.city_code and decisions.is_kept
    inner join cities on output.city_code = cities.city_code
    inner join labour
        on output.city_code = labour.city_code and output.year = labour.year
    inner join capital
        on output.city_code = capital.city_code and output.year = capital.year
    -- Without all three factors there is no production function: such city-years stay out.
    where {{ in_study_years('output.year') }}
        and output.real_output > 0
        and capital.capital > 0
        and labour.workers > 0

)

select * from final
