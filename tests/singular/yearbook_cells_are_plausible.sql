{# Raw cells that are hardly true, one row each with the reason. A warning: yearbooks do print such
   numbers, the build uses them as they are, and only the analyst can say what is right. #}
{{ config(severity='warn') }}
with cells as (

    select
        city_code,
        year,
        series,
        observed_value,
        lag(observed_value) over in_order as previous_value,
        lead(observed_value) over in_order as next_value
    from {{ ref('int_yearbook_cells_interpolated') }}
    where observed_value is not null
    window in_order as (partition by city_code, series order by year)

),

odd_cells as (

    select
        city_code,
        year,
        series,
        observed_value,
        case
            when observed_value < 0 then 'negative'
            when series in ('cpi_prev_year_100', 'gdp_index_prev_year_100')
                and observed_value not between 50 and 150 then 'no index with previous year = 100'
            -- Foreign investment does jump from one large project to the next.
            when series = 'fdi_used_million_usd' then null
            when least(previous_value, next_value) > 0
                and observed_value > 10 * greatest(previous_value, next_value)
                then 'more than ten times the years before and after'
            when observed_value < least(previous_value, next_value) / 10
                then 'less than a tenth of the years before and after'
        end as reason
    from cells

),

odd_rows as (

    select
        city_code,
        year,
        'registered_unemployed_persons' as series,
        registered_unemployed_persons as observed_value,
        'more registered unemployed than persons employed' as reason
    from {{ ref('stg_yearbook__city_years') }}
    where registered_unemployed_persons > employed_persons_10k * 10000

)

select * from odd_cells
where reason is not null
union all
select * from odd_rows
