{# Whether figures stand beside their own city: a column, or all of them, pasted a row or two too high or too low.
   What is known of a city from its other series is held against the figures one and two places up and down the
   list of codes, the order in which yearbooks print cities: in each province, and in the whole list. Figures of
   other tables (the census, members) tell where all columns of the yearbook slipped together. #}
with residuals as (

    select * from {{ ref('int_raw_city_residuals') }}

),

levels as (

    select * from {{ ref('int_raw_city_levels') }}

),

cities as (

    select * from {{ ref('cities') }}

),

expected as (

    select
        residuals.table_name,
        residuals.series,
        residuals.city_code,
        cities.province_code,
        levels.level,
        levels.level - residuals.residual as expected
    from residuals
    inner join levels
        on residuals.table_name = levels.table_name
            and residuals.series = levels.series
            and residuals.city_code = levels.city_code
    inner join cities on residuals.city_code = cities.city_code
    where residuals.residual is not null

),

placed as (

    select
        *,
        row_number() over (partition by table_name, series, area order by city_code) as place
    from (
        select
            *,
            'all cities' as area
        from expected
        union all
        select
            *,
            'province ' || province_code as area
        from expected
    ) as areas

),

slips as (

    select cast(unnest([-2, -1, 0, 1, 2]) as integer) as rows_down

),

fits as (

    select
        city.table_name,
        city.series,
        city.area,
        slips.rows_down,
        corr(figures.level, city.expected) as fit,
        count(*) as n_cities
    from placed as city
    cross join slips
    inner join placed as figures
        on city.table_name = figures.table_name
            and city.series = figures.series
            and city.area = figures.area
            and city.place + slips.rows_down = figures.place
    group by city.table_name, city.series, city.area, slips.rows_down
    -- Fewer fit by chance.
    having count(*) >= 8

),

best as (

    select
        table_name,
        series,
        area,
        arg_max(rows_down, fit) as rows_down,
        max(fit) as fit,
        max(fit) filter (where rows_down = 0) as fit_now,
        min(n_cities) as n_cities
    from fits
    -- Where nothing is expected of cities, all alike, a correlation is not a number.
    where not isnan(fit)
    group by table_name, series, area

),

-- What follows no other series in the nation, such as wages, tells of no province either.
followed as (

    select
        table_name,
        series
    from best
    where area = 'all cities' and fit >= 0.6

),

-- Fisher's transformation makes correlations differ by normal deviates; sound figures come to one of them.
judged as (

    select
        best.*,
        (atanh(least(best.fit, 0.995)) - atanh(least(greatest(best.fit_now, -0.995), 0.995)))
        * sqrt((best.n_cities - 3) / 2.0) / 2.2 as times_limit,
        abs(best.rows_down) || case when abs(best.rows_down) = 1 then ' row ' else ' rows ' end
        || case when best.rows_down > 0 then 'up' else 'down' end as slip
    from best
    inner join followed on best.table_name = followed.table_name and best.series = followed.series
    where best.rows_down <> 0 and best.fit >= 0.5 and best.fit_now is not null

),

found as (

    select
        'rows' as kind,
        table_name,
        series as column_name,
        area as subject,
        times_limit,
        area || ' (' || n_cities || ' cities): figures fit the city ' || slip
        || format(' (correlation {:.2f} with what its other series say, {:.2f} beside their own city)', fit, fit_now)
        || '. Likely a column, or a block of rows, that was pasted beside other cities' as finding
    from judged
    union all
    -- Where another table does not fit the yearbook, either may be at fault.
    select
        'rows' as kind,
        'city_yearbook' as table_name,
        'city_code' as column_name,
        area as subject,
        max(times_limit) as times_limit,
        area || ': figures of ' || arg_max(table_name, times_limit) || ' fit the city '
        || arg_max(slip, times_limit) || '. Likely codes that belong to other rows in one of the two' as finding
    from judged
    where table_name <> 'city_yearbook'
    group by area

),

final as (

    {{ named_findings('found') }}

)

select * from final
