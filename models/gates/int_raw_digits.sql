{# Digits that printed figures have or lack: a series is printed with as many decimals in every city. What was
   multiplied by ten has one less (or ends in a zero), what was converted by any other factor has many. Together
   with a level that is off by that factor they tell of another unit, where the level alone may be the city's. #}
with yearbook as (

    select * from {{ ref('int_yearbook_cells') }}

),

city_residuals as (

    select * from {{ ref('int_raw_city_residuals') }}

),

cities as (

    select * from {{ ref('cities') }}

),

columns_known as (

    select * from {{ ref('raw_columns') }}
    where table_name = 'city_yearbook'

),

cells as (

    select
        *,
        abs(supplied_value) as size
    from yearbook
    where supplied_value <> 0

),

residuals as (

    select * from city_residuals
    where table_name = 'city_yearbook'

),

-- Five stands for any larger number.
counted as (

    select
        city_code,
        series,
        max(
            case
                {%- for decimals in range(5) %}
                when abs(size - round(size, {{ decimals }})) <= 1e-9 * greatest(size, 1) then {{ decimals }}
                {%- endfor %}
                else 5
            end
        ) as decimals,
        min(
            case
                {%- for zeros in range(4, 0, -1) %}
                when abs(size / 1e{{ zeros }} - round(size / 1e{{ zeros }})) <= 1e-9 * greatest(size / 1e{{ zeros }}, 1)
                    and size >= 1e{{ zeros }} then {{ zeros }}
                {%- endfor %}
                else 0
            end
        ) as zeros
    from cells
    group by city_code, series
    having count(*) >= 4

),

digits as (

    select
        counted.city_code,
        counted.series,
        residuals.residual,
        -- Zeros before the point are as good as decimals less.
        case when counted.decimals = 0 then -counted.zeros else counted.decimals end as decimals
    from counted
    inner join residuals on counted.city_code = residuals.city_code and counted.series = residuals.series

),

usual as (

    select
        series,
        decimals,
        n_cities / n_all as share,
        middle
    from (
        select
            series,
            decimals,
            count(*) as n_cities,
            median(residual) as middle,
            sum(count(*)) over (partition by series) as n_all,
            row_number() over (partition by series order by count(*) desc, decimals) as place
        from digits
        group by series, decimals
    ) as by_decimals
    -- Figures that were computed in all cities tell nothing.
    where place = 1 and n_all >= 8 and 3 * n_cities >= n_all and decimals < 5

),

others as (

    select
        digits.series,
        digits.city_code,
        digits.decimals,
        usual.decimals as usual_decimals,
        usual.share,
        digits.residual - usual.middle as deviation,
        (usual.decimals - digits.decimals) * ln(10) as expected,
        count(*) over (partition by digits.series, digits.decimals) as n_alike
    from digits
    inner join usual on digits.series = usual.series
    where digits.decimals <> usual.decimals

),

found as (

    select
        series,
        decimals,
        case when deviation > 0 then 'above' else 'below' end as side,
        any_value(usual_decimals) as usual_decimals,
        count(*) as n_cities,
        median(deviation) as deviation,
        string_agg(city_code, ', ' order by city_code) as city_codes,
        count(*) / case
            when decimals > any_value(usual_decimals) then greatest(2.5, 0.5 * any_value(n_alike))
            -- Where all others agree, one city is enough.
            when any_value(share) >= 0.97 then 0.9
            else greatest(2.5, 0.25 * any_value(n_alike))
        end as times_limit
    from others
    where
        case
            when decimals > usual_decimals then abs(deviation) > ln(2)
            else deviation / expected > 0.6
        end
    group by series, decimals, deviation > 0

),

named as (

    select
        found.series,
        found.decimals,
        found.side,
        string_agg(cities.city_name_en || ' ' || cities.city_code, ', ' order by cities.city_code) as cities
    from found
    inner join cities on contains(found.city_codes, cities.city_code)
    group by found.series, found.decimals, found.side

),

-- Persons, firms and patents are whole, in most cells at least.
broken as (

    select
        cells.series,
        count(distinct cells.city_code) as n_cities,
        avg(cast(abs(cells.size - round(cells.size)) > 1e-9 * greatest(cells.size, 1) as integer)) as share
    from cells
    inner join columns_known on cells.series = columns_known.column_name
    where
        (columns_known.dimension = 'count' or columns_known.unit = 'persons')
        -- A mean of whole numbers is none.
        and not regexp_matches(cells.series, '(^|_)(mean|average|avg)(_|$)')
    group by cells.series
    having count(*) >= 20

),

found_series as (

    select
        'city_yearbook' as table_name,
        found.series as column_name,
        found.decimals || ' decimals, ' || found.side as subject,
        found.n_cities,
        found.deviation,
        found.times_limit,
        'column ' || found.series || ', ' || found.n_cities
        || case when found.n_cities = 1 then ' city' else ' cities' end || ': figures have '
        || case
            when found.decimals = 5 then 'more than 4 decimals'
            when found.decimals < 0 then 'zeros at the end (' || -found.decimals || ')'
            else found.decimals || ' decimals'
        end
        || ', those of other cities ' || found.usual_decimals || ', and are '
        || format('{:,.1f}', exp(abs(found.deviation))) || ' times ' || found.side || ' what the other series say. '
        || 'Likely converted from another unit or currency, or not converted. Cities: ' || left(named.cities, 160)
            as finding
    from found
    inner join named
        on found.series = named.series and found.decimals = named.decimals and found.side = named.side
    where found.times_limit > 0.5

),

final as (

    select * from found_series
    union all
    select
        'city_yearbook' as table_name,
        series as column_name,
        'not whole' as subject,
        n_cities,
        cast(null as double) as deviation,
        share / 0.6 as times_limit,
        'column ' || series || ': ' || format('{:.0f}%', 100 * share)
        || ' of the figures are no whole numbers, and what they count is whole. Likely another column, or another unit.'
            as finding
    from broken
    where share / 0.6 > 0.5

)

select * from final
