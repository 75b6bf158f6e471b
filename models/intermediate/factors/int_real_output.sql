{# Real output and a price chain per city, both from the first raw year. #}
with cleaned as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

yearbook as (

    select
        city_code,
        year,
        {{ measure_input('real_output', 'output') }} as output,
        {{ measure_input('real_output', 'output_index') }} as output_index,
        {{ measure_input('real_output', 'price_index') }} as price_index,
        year = min(year) over () as is_base_year
    from cleaned

),

links as (

    select
        city_code,
        year,
        output,
        is_base_year,
        -- An index of zero or less is no link of a chain.
        case when output_index > 0 then output_index end as output_index,
        case when price_index > 0 then price_index end as price_index
    from yearbook

),

chained as (

    select
        city_code,
        year,
        first_value(output) over in_order as base_output,
        -- A link missing anywhere breaks the chain from there on.
        case when count(case when is_base_year then 1 else output_index end) over in_order
            = count(*) over in_order
            then exp(sum(case when is_base_year then 0 else ln(output_index / 100) end) over in_order)
        end as output_chain,
        case when count(case when is_base_year then 1 else price_index end) over in_order
            = count(*) over in_order
            then exp(sum(case when is_base_year then 0 else ln(price_index / 100) end) over in_order)
        end as price_chain
    from links
    window in_order as (
        partition by city_code order by year
        rows between unbounded preceding and current row
    )

),

final as (

    select
        city_code,
        year,
        base_output * output_chain as real_output,
        output_chain,
        price_chain
    from chained

)

-- In a fixed order, so that sums over these rows have the same last digits in every build.
select * from final
order by city_code, year
