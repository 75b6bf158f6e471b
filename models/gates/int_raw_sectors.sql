{# Sectors of input-output tables beside themselves: what a sector buys grows with its own output, much of what it
   sells it uses itself, and no table is nearly that of another year. Codes that were exchanged leave every sum and
   every proportion of the whole as it was. #}
with flows as (

    select * from {{ ref('stg_input_output__flows') }}

),

gross_output as (

    select * from {{ ref('stg_input_output__industry_output') }}

),

sectors as (

    select * from {{ ref('sectors') }}
    -- Sums of sectors are none.
    where sector <> broad_sector

),

output as (

    select gross_output.*
    from gross_output
    inner join sectors on gross_output.sector = sectors.sector
    where gross_output.gross_output_million_usd > 0

),

between as (

    select
        flows.year,
        flows.supplying_sector,
        flows.using_sector,
        flows.value_million_usd as value
    from flows
    inner join output as using_output
        on flows.using_sector = using_output.sector and flows.year = using_output.year
    inner join output as supplying_output
        on flows.supplying_sector = supplying_output.sector and flows.year = supplying_output.year

),

amounts as (

    select
        'bought' as side,
        using_sector as sector,
        year,
        sum(value) as amount
    from between
    group by using_sector, year
    having sum(value) > 0
    union all
    select
        'made' as side,
        sector,
        year,
        gross_output_million_usd as amount
    from output

),

growth as (

    select
        side,
        sector,
        year,
        ln(amount) - lag(ln(amount)) over in_order as growth,
        year - lag(year) over in_order as n_years
    from amounts
    window in_order as (partition by side, sector order by year)

),

fits as (

    select
        inputs.sector,
        outputs.sector as other,
        avg(least(abs(inputs.growth - outputs.growth), 1)) as misfit
    from growth as inputs
    inner join growth as outputs on inputs.year = outputs.year
    where inputs.side = 'bought' and outputs.side = 'made' and inputs.n_years = 1 and outputs.n_years = 1
    group by inputs.sector, outputs.sector
    having count(*) >= 6

),

fits_best as (

    select
        sector,
        arg_min(other, misfit) filter (where other <> sector) as other,
        max(misfit) filter (where other = sector)
        / greatest(min(misfit) filter (where other <> sector), 0.005) as times_worse
    from fits
    group by sector
    having max(misfit) filter (where other = sector) > 0.02

),

-- Two codes exchanged are two sectors that go with another; one alone may do so by itself.
strangers as (

    select
        string_agg(sector || ' with ' || other, ', ' order by times_worse desc, sector) as pairs_named,
        min(times_worse) as times_worse
    from (
        select
            *,
            row_number() over (order by times_worse desc, sector) as place
        from fits_best
    ) as ordered
    where place <= 2
    having count(*) = 2

),

-- Two sectors use more of their own goods than of each other's, but for a few pairs.
own_use as (

    select
        supplying_sector as sector,
        year,
        ln(value) as own
    from between
    where supplying_sector = using_sector and value > 0

),

odds as (

    select
        one.year,
        one.sector,
        other.sector as other,
        one.own + other.own - ln(supplied.value) - ln(used.value) as odds
    from own_use as one
    inner join own_use as other on one.year = other.year and one.sector <> other.sector
    inner join between as supplied
        on one.year = supplied.year and one.sector = supplied.supplying_sector and other.sector = supplied.using_sector
    inner join between as used
        on one.year = used.year and other.sector = used.supplying_sector and one.sector = used.using_sector
    where supplied.value > 0 and used.value > 0

),

closeness as (

    select
        sector,
        median(odds) as odds
    from (
        select
            year,
            sector,
            median(odds) as odds
        from odds
        group by year, sector
        having count(*) >= 7
    ) as by_year
    group by sector

),

-- Each of two uses more of the other's goods than of its own, and hardly more of its own than any other does.
crossed as (

    select
        pairs.sector || ' and ' || pairs.other as pair_named,
        greatest(one.odds, two.odds) as odds
    from (
        select
            sector,
            other,
            median(odds) as odds
        from odds
        where sector < other
        group by sector, other
    ) as pairs
    inner join closeness as one on pairs.sector = one.sector
    inner join closeness as two on pairs.other = two.sector
    where pairs.odds < -1.5

),

without_own_use as (

    select
        count(*) as n_sectors,
        count(*) filter (where own = 0) as n_without
    from (
        select
            supplying_sector,
            coalesce(sum(value) filter (where supplying_sector = using_sector), 0) as own
        from between
        group by supplying_sector
        having sum(value) > 0
    ) as by_sector

),

changes as (

    select
        year,
        median(change) as change,
        median(median(change)) over () as usual,
        count(*) over () as n_tables
    from (
        select
            year,
            abs(ln(value) - lag(ln(value)) over in_order) as change,
            lag(year) over in_order as year_before
        from between
        where value > 0
        window in_order as (partition by supplying_sector, using_sector order by year)
    ) as steps
    where year_before = year - 1
    group by year

),

repeated_output as (

    select
        year,
        arg_max(other_year, share) as other_year,
        max(share) as share
    from (
        select
            one.year,
            other.year as other_year,
            avg(cast(one.gross_output_million_usd = other.gross_output_million_usd as integer)) as share
        from output as one
        inner join output as other on one.sector = other.sector and one.year > other.year
        group by one.year, other.year
        having count(*) >= 5
    ) as pairs_of_years
    group by year

),

listed_years as (

    {% for table, relation in [('input_output_flows', 'flows'), ('industry_output', 'gross_output')] %}
    select distinct
        '{{ table }}' as table_name,
        year
    from {{ relation }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

gaps as (

    select
        table_name,
        string_agg((year_before + 1) || case when year > year_before + 2 then ' to ' || (year - 1) else '' end, ', ')
            filter (where year > year_before + 1) as years,
        avg(cast(year = year_before + 1 as integer)) as share_next
    from (
        select
            table_name,
            year,
            lag(year) over (partition by table_name order by year) as year_before
        from listed_years
    ) as ordered
    where year_before is not null
    group by table_name

),

found as (

    select
        'sectors that go with another' as kind,
        tables.table_name,
        tables.column_name,
        strangers.pairs_named as subject,
        strangers.times_worse / 1.7 as times_limit,
        'what sectors buy grows with the output of another sector, not with their own: ' || strangers.pairs_named
        || '. Likely codes that were exchanged' as finding
    from strangers
    cross join (
        values ('input_output_flows', 'using_sector value_million_usd'),
        ('industry_output', 'sector gross_output_million_usd')
    ) as tables (table_name, column_name)
    union all
    select
        'own use of sectors' as kind,
        'input_output_flows' as table_name,
        'supplying_sector using_sector' as column_name,
        arg_min(pair_named, odds) as subject,
        exp(2.5 - min(odds)) as times_limit,
        arg_min(pair_named, odds) || ' use more of each other''s goods than of their own, and hardly more of their own'
        || ' than others do. Likely codes that were exchanged' as finding
    from crossed
    having count(*) > 0
    union all
    select
        'own use of sectors' as kind,
        'input_output_flows' as table_name,
        'supplying_sector using_sector' as column_name,
        'typical sector' as subject,
        exp(1 - median(odds)) as times_limit,
        'the typical sector uses hardly more of its own goods than others do. Likely suppliers in another order than'
        || ' users' as finding
    from closeness
    having count(*) >= 8
    union all
    select
        'own use of sectors' as kind,
        'input_output_flows' as table_name,
        'value_million_usd' as column_name,
        'all sectors' as subject,
        (n_without / n_sectors) / 0.5 as times_limit,
        n_without || ' of ' || n_sectors || ' sectors use nothing of their own goods. Likely cells that were left out'
            as finding
    from without_own_use
    where n_sectors >= 8
    union all
    select
        'a table that hardly moves' as kind,
        'input_output_flows' as table_name,
        'year value_million_usd' as column_name,
        cast(year as varchar) as subject,
        0.05 * usual / greatest(change, 1e-6) as times_limit,
        'flows of ' || year || ' are within ' || format('{:.2f}%', 100 * change)
        || ' of those of the year before, beside ' || format('{:.1f}%', 100 * usual)
        || ' in other years. Likely a table pasted or extrapolated' as finding
    from changes
    where n_tables >= 4
    union all
    select
        'output that repeats another year' as kind,
        'industry_output' as table_name,
        'year gross_output_million_usd' as column_name,
        cast(year as varchar) as subject,
        share / 0.5 as times_limit,
        format('{:.0f}%', 100 * share) || ' of the outputs of ' || year || ' are those of ' || other_year as finding
    from repeated_output
    union all
    select
        'years that are missing' as kind,
        table_name,
        'year' as column_name,
        years as subject,
        -- Tables of every fifth year have no gaps.
        case when share_next >= 0.8 then 1.5 end as times_limit,
        'no ' || years || ' amid years that follow each other. Likely a sheet that is lost, or another year' as finding
    from gaps
    where years is not null

),

final as (

    {{ named_findings('found') }}

)

select * from final
