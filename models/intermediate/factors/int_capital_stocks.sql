{# Capital by perpetual inventory: K_t = (1 - delta) K_{t-1} + I_t, written in closed form
   K_t = (1 - delta)^(t - t0) K_0 + sum of (1 - delta)^(t - s) I_s over t0 < s <= t. #}
{% set survival = '(1 - ' ~ setting('depreciation_rate') ~ ')' %}
with yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

prices as (

    select * from {{ ref('int_real_output') }}

),

spending as (

    select
        city_code,
        year,
        {{ measure_input('capital_stocks', 'investment') }} as investment
    from yearbook

),

investment as (

    select
        spending.city_code,
        spending.year,
        spending.investment / prices.price_chain as real_investment
    from spending
    inner join prices
        on spending.city_code = prices.city_code and spending.year = prices.year

),

base_years as (

    select
        city_code,
        min(year) as base_year
    from investment
    where real_investment > 0
    group by city_code
    having min(year) <= {{ setting('latest_capital_base_year') }}

),

initial_stocks as (

    select
        base.city_code,
        base.base_year,
        base_investment.real_investment
            / nullif(
                pow(later.real_investment / base_investment.real_investment, 0.2) - 1
                + {{ setting('depreciation_rate') }}, 0
            ) as initial_capital
    from base_years as base
    inner join investment as base_investment
        on base.city_code = base_investment.city_code and base.base_year = base_investment.year
    inner join investment as later
        on base.city_code = later.city_code and base.base_year + 5 = later.year
    -- Investment that shrinks faster than capital wears out has no steady state to start from.
    where later.real_investment > 0
        and pow(later.real_investment / base_investment.real_investment, 0.2) - 1
            + {{ setting('depreciation_rate') }} > 0

),

accumulated as (

    select
        investment.city_code,
        investment.year,
        initial_stocks.base_year,
        initial_stocks.initial_capital,
        count(investment.real_investment) over since_base = count(*) over since_base as is_unbroken,
        sum(
            case when investment.year > initial_stocks.base_year
                then investment.real_investment / pow({{ survival }}, investment.year - initial_stocks.base_year)
            else 0 end
        ) over since_base as discounted_investment
    from investment
    inner join initial_stocks
        on investment.city_code = initial_stocks.city_code and investment.year >= initial_stocks.base_year
    window since_base as (
        partition by investment.city_code order by investment.year
        rows between unbounded preceding and current row
    )

),

final as (

    select
        city_code,
        year,
        case when is_unbroken
            then pow({{ survival }}, year - base_year) * (initial_capital + discounted_investment)
        end as capital
    from accumulated

)

select * from final
