{# Whether a series of the nation moves as one does, and is what is known of it. #}
with national as (

    select * from {{ ref('stg_national__series') }}

),

known_national as (

    select * from {{ ref('national_series') }}

),

national_steps as (

    select
        national.year,
        national.internet_users_million as value,
        ln(nullif(national.internet_users_million, 0))
        - lag(ln(nullif(national.internet_users_million, 0))) over (order by national.year) as change,
        ln(nullif(national.internet_users_million, 0)) - ln(known_national.internet_users_million) as deviation
    from national
    left join known_national on national.year = known_national.year

),

found as (

    select
        'national series' as kind,
        'national_series' as table_name,
        'internet_users_million' as column_name,
        cast(year as varchar) as subject,
        greatest(
            abs(deviation) / ln(1.08),
            case when change = 0 or value <= 0 then 2 end,
            abs(change) / ln(2.5),
            case when change < 0 then -change / ln(1.3) end
        ) as times_limit,
        format('{:,.2f}', value) || ' in ' || year || ', '
        || case when change is not null then format('{:,.3g}', exp(change)) || ' times the year before' else 'first' end
        || coalesce(', ' || format('{:,.3g}', exp(deviation)) || ' times what is known (seed national_series)', '')
        || '. Likely another unit or year, or a series that was not filled in' as finding
    from national_steps

),

final as (

    {{ named_findings('found') }}

)

select * from final
