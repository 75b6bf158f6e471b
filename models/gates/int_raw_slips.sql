{# Cities, provinces and files whose figures are out of line with all others in every year: in another unit,
   currency or scale, or of another place. `times_limit` above 1 is more than sound figures do. #}
with residuals as (

    select * from {{ ref('int_raw_city_residuals') }}

),

city_years as (

    select * from {{ ref('base_yearbook__city_years') }}
    where rule is null

),

cities as (

    select * from {{ ref('cities') }}

),

slip_factors as (

    select * from {{ ref('slip_factors') }}

),

files as (

    select
        city_code,
        mode(source_file) as source_file
    from city_years
    group by city_code

),

-- The shortest stretch with two fifths of the cities, as a standard deviation: see int_raw_city_residuals.
spreads as (

    select
        series,
        greatest(min(stretch) / 1.05, 0.003) as spread,
        count(*) as n_all
    from (
        select
            series,
            lead(residual, cast(ceil(0.4 * n_cities) as integer)) over (partition by series order by residual)
                - residual as stretch
        from (
            select
                *,
                count(*) over (partition by series) as n_cities
            from residuals
        ) as counted
    ) as stretches
    group by series

),

cells as (

    select
        residuals.*,
        cities.city_name_en as city,
        cities.province_code,
        files.source_file,
        spreads.spread,
        spreads.n_all
    from residuals
    inner join spreads on residuals.series = spreads.series
    inner join cities on residuals.city_code = cities.city_code
    left join files on residuals.table_name = 'city_yearbook' and residuals.city_code = files.city_code

),

-- A city beside all others.
city_slips as (

    select
        'city' as kind,
        series,
        city_code as subject,
        1 as n_cities,
        residual as deviation,
        cast(null as double) as edge,
        abs(residual) / greatest(
            -- Among few cities the series that go with one another are known less well.
            case when dimension = 'index' then 0.08 else ln(5) * greatest(1, sqrt(40 / n_all)) end,
            -- Far from all others counts as far, however much they differ.
            least(10 * spread, 2.5 * edge_of_all)
        ) as times_limit
    from (
        select
            *,
            quantile_cont(abs(residual), 0.99) over (partition by series) as edge_of_all
        from cells
    ) as beside_all

),

-- Several cities on the same side, wherever they lie: a block of rows.
several as (

    select
        'cities' as kind,
        series,
        case when residual > 0 then 'above' else 'below' end as subject,
        count(*) as n_cities,
        median(residual) as deviation,
        cast(null as double) as edge,
        count(*) / greatest(3.5, 0.03 * any_value(n_all)) as times_limit
    from cells
    where abs(residual) > greatest(ln(5), 5 * spread)
    group by series, residual > 0

),

-- Cities that fall into two heaps with nothing between them.
halves as (

    select
        'two heaps' as kind,
        series,
        '' as subject,
        arg_max(least(place, n_all - place), gap) as n_cities,
        max(gap) as deviation,
        arg_max(residual, gap) as edge,
        -- Fewer cities lie further apart.
        max(gap) / (ln(2.2) * greatest(1, sqrt(120 / any_value(n_all)))) as times_limit
    from (
        select
            *,
            lead(residual) over by_size - residual as gap,
            row_number() over by_size as place
        from cells
        window by_size as (partition by series order by residual)
    ) as ordered
    where least(place, n_all - place) >= greatest(3, 0.04 * n_all)
    group by series

),

members as (

    select
        'province' as kind,
        province_code as subject,
        *
    from cells
    union all
    select
        'file' as kind,
        source_file as subject,
        *
    from cells
    where source_file is not null

),

groups as (

    select
        kind,
        series,
        subject,
        count(*) as n_cities,
        median(residual) as deviation,
        any_value(dimension) as dimension,
        any_value(spread) as spread,
        any_value(n_all) as n_all
    from members
    group by kind, series, subject

),

group_slips as (

    select
        kind,
        series,
        subject,
        n_cities,
        deviation,
        cast(null as double) as edge,
        -- Groups differ among themselves; of a few groups one cannot tell how much.
        abs(deviation) / greatest(
            -- Indices with the year before at 100 are alike everywhere.
            case when dimension = 'index' then 0.05 else ln(4) end,
            4 * spread / sqrt(n_cities),
            case when n_groups >= 8 then 6 * group_spread else 3 * spread end
        ) as times_limit
    from (
        select
            *,
            count(*) over (partition by kind, series) as n_groups,
            1.4826 * mad(deviation) over (partition by kind, series) as group_spread
        from groups
        where n_cities >= 2
    ) as compared
    where n_cities < n_all

),

-- All series of a dimension at once, beside series of other dimensions.
blocks as (

    select
        'dimension' as kind,
        string_agg(by_series.series, ' ' order by by_series.series) as series,
        by_series.subject,
        max(by_series.n_cities) as n_cities,
        median(by_series.deviation) as deviation,
        median(spreads.spread) as spread,
        count(*) as n_series
    from (
        select
            dimension,
            series,
            province_code as subject,
            count(*) as n_cities,
            median(residual_outside) as deviation
        from cells
        group by dimension, series, province_code
    ) as by_series
    inner join (
        select
            series,
            1.4826 * mad(deviation) as spread
        from (
            select
                series,
                province_code,
                median(residual_outside) as deviation
            from cells
            group by series, province_code
        ) as by_province
        group by series
    ) as spreads on by_series.series = spreads.series
    group by by_series.dimension, by_series.subject
    having count(*) >= 3

),

block_slips as (

    select
        kind,
        series,
        subject,
        n_cities,
        deviation,
        cast(null as double) as edge,
        abs(deviation) / greatest(ln(4), 4 * spread) as times_limit
    from blocks
    where n_cities >= 2

),

combined as (

    select * from city_slips
    union all
    select * from several
    union all
    select * from halves
    union all
    select * from group_slips
    union all
    select * from block_slips

),

-- What is far below its limit need not be stored.
near as (

    select
        *,
        row_number() over (order by times_limit desc, kind, series, subject) as slip_id
    from combined
    where times_limit > 0.5

),

causes as (

    select
        near.slip_id,
        string_agg(
            slip_factors.factor || ' (' || slip_factors.meaning || ')', ' or ' order by slip_factors.factor
        ) as likely_slip
    from near
    inner join slip_factors
        on exp(abs(near.deviation)) between slip_factors.lowest / 1.25 and slip_factors.highest * 1.25
    group by near.slip_id

),

concerned as (

    select
        near.slip_id,
        min(cells.table_name) as table_name,
        string_agg(distinct cells.source_file, ', ') as source_files,
        string_agg(distinct cells.city || ' ' || cells.city_code, ', ') as cities
    from near
    inner join cells
        on contains(near.series, cells.series)
            and case near.kind
                when 'city' then cells.city_code = near.subject
                when 'cities' then
                    abs(cells.residual) > greatest(ln(5), 5 * cells.spread)
                    and (cells.residual > 0) = (near.subject = 'above')
                when 'file' then cells.source_file = near.subject
                when 'two heaps' then cells.residual > near.edge
                else cells.province_code = near.subject
            end
    group by near.slip_id

),

slips as (

    select
        near.kind,
        concerned.table_name,
        near.series as column_name,
        near.subject,
        near.n_cities,
        near.deviation,
        near.times_limit,
        causes.likely_slip,
        coalesce(concerned.source_files, concerned.table_name) || ', column ' || near.series || ': '
        || case near.kind
            when 'two heaps' then near.n_cities || ' cities lie apart from all others, '
            else near.n_cities || case when near.n_cities = 1 then ' city' else ' cities' end
                || case near.kind
                    when 'province' then ' of province ' || near.subject
                    when 'dimension' then ' of province ' || near.subject
                    else ''
                end
                || case when near.n_cities = 1 then ' is ' else ' are ' end
        end
        || format('{:,.1f}', exp(abs(near.deviation))) || ' times '
        || case when near.deviation > 0 then 'above' else 'below' end
        || ' what the other series say, in all years. '
        || coalesce('Likely ' || causes.likely_slip || '. ', '')
        || 'Cities: ' || coalesce(left(concerned.cities, 160), 'unknown') as finding
    from near
    left join causes on near.slip_id = causes.slip_id
    inner join concerned on near.slip_id = concerned.slip_id

),

-- What a census or members say of a city, and its yearbook does not, may be the fault of either.
places as (

    select
        'place' as kind,
        'city_yearbook' as table_name,
        'city_code' as column_name,
        near.subject || ' beside ' || near.series as subject,
        near.n_cities,
        -near.deviation as deviation,
        near.times_limit,
        causes.likely_slip,
        coalesce(files.source_file, 'city_yearbook') || ', column city_code: all series of ' || cities.city_name_en
        || ' ' || near.subject || ' are ' || format('{:,.1f}', exp(abs(near.deviation))) || ' times '
        || case when near.deviation > 0 then 'below' else 'above' end || ' what ' || concerned.table_name
        || ' says of it, in all years. Likely a county in place of its city, or another code.' as finding
    from near
    inner join concerned on near.slip_id = concerned.slip_id
    inner join cities on near.subject = cities.city_code
    left join files on near.subject = files.city_code
    left join causes on near.slip_id = causes.slip_id
    where near.kind = 'city' and concerned.table_name <> 'city_yearbook'

),

final as (

    select * from slips
    union all
    select * from places

)

select * from final
