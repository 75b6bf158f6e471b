{# Proportions that any table of inputs and outputs has, tables of years that follow each other, which side buys and
   which sells, and who does neither: by value, not only by rows. #}
with flows as (

    select * from {{ ref('stg_input_output__flows') }}

),

gross_output as (

    select * from {{ ref('stg_input_output__industry_output') }}

),

sectors as (

    select * from {{ ref('sectors') }}

),

-- Between sectors that have an output of their own; totals, taxes and value added aside.
between as (

    select
        flows.year,
        flows.supplying_sector,
        flows.using_sector,
        flows.value_million_usd as value,
        using_output.gross_output_million_usd as output
    from flows
    inner join gross_output as using_output
        on flows.using_sector = using_output.sector and flows.year = using_output.year
    inner join gross_output as supplying_output
        on flows.supplying_sector = supplying_output.sector and flows.year = supplying_output.year

),

bought as (

    select
        year,
        using_sector as sector,
        sum(value) as amount,
        max(output) as output
    from between
    group by year, using_sector

),

-- Sums over users that are sums of other users would count twice.
sellers as (

    select distinct
        year,
        supplying_sector as sector
    from between

),

sold as (

    select
        between.year,
        between.supplying_sector as sector,
        sum(between.value) as amount
    from between
    inner join sellers on between.year = sellers.year and between.using_sector = sellers.sector
    group by between.year, between.supplying_sector

),

shares as (

    select
        bought.year,
        bought.sector,
        bought.output,
        bought.amount / nullif(bought.output, 0) as inputs,
        sold.amount / nullif(bought.output, 0) as sales,
        sold.sector is not null as is_seller
    from bought
    left join sold on bought.year = sold.year and bought.sector = sold.sector

),

-- A sector beside the same sector in the tables around: the median of up to five.
beside as (

    select
        *,
        median(ln(nullif(inputs, 0))) over around as typical_inputs,
        median(ln(nullif(sales, 0))) over around as typical_sales,
        median(ln(nullif(output, 0))) over around as typical_output,
        count(*) over around as n_around,
        count(nullif(inputs, 0)) over around as n_inputs,
        count(nullif(sales, 0)) over around as n_sales,
        count(nullif(output, 0)) over around as n_output
    from shares
    window around as (partition by sector order by year rows between 2 preceding and 2 following)

),

totals as (

    select
        year,
        sum(inputs * output) / sum(output) as inputs,
        stddev_pop(ln(nullif(inputs, 0))) as spread_of_inputs,
        stddev_pop(ln(nullif(sales, 0))) as spread_of_sales,
        count(*) as n_sectors
    from shares
    where is_seller
    group by year

),

-- What all sectors buy goes up and down with their output of the same year.
growth as (

    select
        sector,
        year,
        ln(nullif(amount, 0)) - lag(ln(nullif(amount, 0))) over in_order as of_inputs,
        ln(nullif(output, 0)) - lag(ln(nullif(output, 0))) over in_order as of_output,
        year - lag(year) over in_order as n_years
    from bought
    window in_order as (partition by sector order by year)

),

fits as (

    select
        one.year - other.year as years_late,
        avg(least(abs(one.of_inputs - other.of_output), 1)) as misfit,
        count(distinct one.year) as n_years
    from growth as one
    inner join growth as other on one.sector = other.sector and one.year - other.year between -1 and 1
    where one.n_years = 1 and other.n_years = 1 and one.of_inputs is not null and other.of_output is not null
    group by one.year - other.year
    having count(distinct one.year) >= 4

),

-- A table beside that of the year before, as it stands and with rows and columns exchanged.
turned as (

    select
        one.year,
        median(abs(ln(one.value) - ln(before.value))) as as_before,
        median(abs(ln(one.value) - ln(reverse.value))) as reversed
    from between as one
    inner join between as before
        on one.year = before.year + 1
            and one.supplying_sector = before.supplying_sector
            and one.using_sector = before.using_sector
    inner join between as reverse
        on before.year = reverse.year
            and one.supplying_sector = reverse.using_sector
            and one.using_sector = reverse.supplying_sector
    where one.value > 0 and before.value > 0 and reverse.value > 0 and one.supplying_sector <> one.using_sector
    group by one.year

),

-- A table that holds the figures of an earlier one, the year before or any other.
repeats as (

    select
        year,
        arg_max(other_year, share_alike) as other_year,
        max(share_alike) as share_alike
    from (
        select
            one.year,
            other.year as other_year,
            avg(cast(one.value = other.value as integer)) as share_alike
        from between as one
        inner join between as other
            on one.year > other.year
                and one.supplying_sector = other.supplying_sector
                and one.using_sector = other.using_sector
        where one.value > 0 and other.value > 0
        group by one.year, other.year
    ) as pairs_of_years
    group by year

),

-- Inputs of a sector change slowly, and differ less between sectors than its sales do: who sells to whom
-- depends on the good, what is needed to make it less so.
steadiness as (

    select
        median(abs(change_of_inputs)) as inputs,
        median(abs(change_of_sales)) as sales
    from (
        select
            ln(nullif(inputs, 0)) - lag(ln(nullif(inputs, 0))) over in_order as change_of_inputs,
            ln(nullif(sales, 0)) - lag(ln(nullif(sales, 0))) over in_order as change_of_sales
        from shares
        where is_seller
        window in_order as (partition by sector order by year)
    ) as changes

),

orientation as (

    select
        ln(greatest(any_value(steadiness.inputs), 1e-4) / greatest(any_value(steadiness.sales), 1e-4))
        + ln(median(totals.spread_of_inputs) / median(totals.spread_of_sales)) as score,
        min(totals.year) || ' to ' || max(totals.year) as years
    from totals
    cross join steadiness
    where totals.n_sectors >= 8
    having count(*) >= 4

),

found as (

    select
        'inputs in output' as kind,
        tables.table_name,
        tables.column_name,
        cast(year as varchar) as subject,
        greatest(inputs / 0.85, 0.3 / nullif(inputs, 0)) as times_limit,
        'all sectors buy ' || format('{:.4f}', inputs) || ' of their output in ' || year
        || '; a nation''s do a third to two thirds. Likely flows and output in other units or currencies' as finding
    from totals
    cross join (
        values ('input_output_flows', 'value_million_usd'), ('industry_output', 'gross_output_million_usd')
    ) as tables (table_name, column_name)
    where n_sectors >= 8
    union all
    select
        'inputs of a sector beside others' as kind,
        tables.table_name,
        tables.column_name,
        sector as subject,
        abs(deviation) / ln(5) as times_limit,
        'inputs of ' || sector || ' are ' || format('{:,.3g}', exp(deviation)) || ' times those of the typical sector,'
        || ' as shares of output. Likely a row or column in another unit' as finding
    from (
        select
            sector,
            median(ln(inputs)) - median(median(ln(inputs))) over () as deviation
        from shares
        where is_seller and inputs > 0
        group by sector
    ) as by_sector
    cross join (
        values ('input_output_flows', 'value_million_usd using_sector'), ('industry_output', 'gross_output_million_usd')
    ) as tables (table_name, column_name)
    {%- for part in [
        {'name': 'inputs', 'table': 'input_output_flows', 'columns': 'value_million_usd using_sector', 'limit': 2.5},
        {'name': 'sales', 'table': 'input_output_flows', 'columns': 'value_million_usd supplying_sector', 'limit': 4},
        {'name': 'output', 'table': 'industry_output', 'columns': 'gross_output_million_usd', 'limit': 3},
    ] %}
    union all
    select
        '{{ part.name }} of a sector' as kind,
        '{{ part.table }}' as table_name,
        '{{ part.columns }}' as column_name,
        sector || ' ' || year as subject,
        -- Nothing at all amid years with something counts as a thousandth.
        abs(ln(greatest({{ part.name }}, exp(typical_{{ part.name }}) / 1000)) - typical_{{ part.name }})
        / ln({{ part.limit }}) as times_limit,
        '{{ part.name }} of ' || sector || ' in ' || year || ', as a share of output or an amount, is '
        || format('{:,.3g}', {{ part.name }} / exp(typical_{{ part.name }}))
        || ' times that of the years around. Likely a row or column in another unit or year, or zeros for missing cells'
            as finding
    from beside
    where n_around >= 3 and ({{ part.name }} > 0 or n_{{ part.name }} >= 3)
    {%- endfor %}
    union all
    -- Both ways: who has an output and buys also sells, by value and not only by a row.
    select
        'sectors that sell nothing' as kind,
        'input_output_flows' as table_name,
        'supplying_sector value_million_usd' as column_name,
        sector as subject,
        -- Builders and public services (ISIC 41 to 43, 84 and above) work for final demand.
        case when regexp_matches(sector, '^D(0|1|2|3|44|45|46|47|48|49|5|6|7|80|81|82)') then 0.05 else 0.0015 end
        / greatest(max(sales), 0.0001) as times_limit,
        sector || ' sells hardly anything to other sectors in ' || count(*) || ' tables. Likely a row under another'
        || ' code, in another unit, or zeros for missing cells' as finding
    from shares
    where output > 0 and inputs > 0 and is_seller
    group by sector
    union all
    select
        'sectors that do not sell' as kind,
        'input_output_flows' as table_name,
        'supplying_sector' as column_name,
        shares.sector as subject,
        2 as times_limit,
        shares.sector || ' has an output and buys, and stands under no supplier in ' || count(*)
        || ' tables. Likely its row is lost or under another code' as finding
    from shares
    inner join sectors on shares.sector = sectors.sector
    -- Sums of sectors need not sell.
    where not shares.is_seller and shares.inputs > 0 and sectors.sector <> sectors.broad_sector
    group by shares.sector
    union all
    select
        'sectors that buy nothing' as kind,
        'input_output_flows' as table_name,
        'using_sector value_million_usd' as column_name,
        sector as subject,
        0.02 / greatest(max(inputs), 0.001) as times_limit,
        sector || ' buys hardly anything from other sectors in ' || count(*) || ' tables. Likely a column in another'
        || ' unit, or zeros for missing cells' as finding
    from shares
    -- Households that employ (ISIC 97 and 98) are paid for work alone.
    where output > 0 and is_seller and (inputs > 0 or (sales > 0.01 and not starts_with(sector, 'D97')))
    group by sector
    union all
    select
        'a table that is turned' as kind,
        'input_output_flows' as table_name,
        'supplying_sector using_sector' as column_name,
        cast(year as varchar) as subject,
        as_before / nullif(reversed, 0) as times_limit,
        'flows of ' || year || ' are closer to those of ' || (year - 1) || ' with suppliers and users exchanged.'
        || ' Likely one of the two is transposed' as finding
    from turned
    union all
    select
        'all tables turned' as kind,
        'input_output_flows' as table_name,
        'supplying_sector using_sector' as column_name,
        years as subject,
        exp(score) / 1.2 as times_limit,
        'what sectors sell is steadier and more alike than what they buy in ' || years
        || '. Likely the tables are transposed' as finding
    from orientation
    union all
    select
        'years of output' as kind,
        tables.table_name,
        tables.column_name,
        'all years' as subject,
        case when arg_min(fits.years_late, fits.misfit) <> 0
            then max(fits.misfit) filter (where fits.years_late = 0) / greatest(min(fits.misfit), 0.001) / 1.25
        end as times_limit,
        'inputs go up and down with the output of the year '
        || case when arg_min(fits.years_late, fits.misfit) > 0 then 'before' else 'after' end
        || '. Likely flows or output stand under the wrong year' as finding
    from fits
    cross join (
        values ('input_output_flows', 'year'), ('industry_output', 'year gross_output_million_usd')
    ) as tables (table_name, column_name)
    group by tables.table_name, tables.column_name
    union all
    select
        'a table that repeats another' as kind,
        'input_output_flows' as table_name,
        'year value_million_usd' as column_name,
        cast(year as varchar) as subject,
        share_alike / 0.3 as times_limit,
        format('{:.0f}%', 100 * share_alike) || ' of the flows of ' || year || ' are those of ' || other_year
        || '. Likely a table that was pasted twice' as finding
    from repeats

),

final as (

    {{ named_findings('found') }}

)

select * from final
