{# Columns are generated from seed resilience_indicators: a new indicator is a new row. #}
-- depends_on: {{ ref('resilience_indicators') }}
with yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

final as (

    select
        city_code,
        year,
        {%- for indicator in indicators() %}
        {{ indicator_expression(indicator) }} as {{ indicator.indicator_id }}{{ ',' if not loop.last }}
        {%- endfor %}
    from yearbook
    window three_years as (
        partition by city_code order by year
        rows between 2 preceding and current row
    )

)

select * from final
