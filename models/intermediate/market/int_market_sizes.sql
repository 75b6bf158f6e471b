{# Market size of a city by definition, and whether the city belongs to the fixed set of markets:
   a market that appears or vanishes over time would make every other city's potential jump. #}
with cleaned as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

inputs as (

    select
        city_code,
        year,
        {{ measure_input('market_potential', 'retail_sales') }} as retail_sales,
        {{ measure_input('market_potential', 'output') }} as output,
        {{ measure_input('market_potential', 'internet_users') }} as internet_users,
        {{ measure_input('market_potential', 'inhabitants') }} as inhabitants
    from cleaned

),

yearbook as (

    select
        inputs.*,
        inputs.internet_users / nullif(inputs.inhabitants, 0) as internet_share
    from inputs
    inner join decisions
        on inputs.city_code = decisions.city_code and decisions.is_kept
    where {{ in_study_years('inputs.year') }}

),

sizes as (

    select
        city_code,
        year,
        'retail_internet' as definition,
        -- Not least(): it skips nulls, so that an unknown share would count as 1.
        retail_sales * case
            when internet_share > 1 then 1 else internet_share
        end as market_size
    from yearbook
    union all
    select
        city_code,
        year,
        'retail' as definition,
        retail_sales as market_size
    from yearbook
    union all
    select
        city_code,
        year,
        'gdp' as definition,
        output as market_size
    from yearbook

),

market_years as (

    select
        definition,
        count(distinct year) as years
    from sizes
    where market_size is not null
    group by definition

),

final as (

    select
        sizes.city_code,
        sizes.year,
        sizes.definition,
        sizes.market_size,
        count(sizes.market_size) over (partition by sizes.definition, sizes.city_code) = market_years.years
            as is_fixed_market
    from sizes
    inner join market_years on sizes.definition = market_years.definition

)

select * from final
