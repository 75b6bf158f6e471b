{# Direct consumption coefficient of digital inputs, by using sector, year and definition. #}
{{ behind_gate('raw') }}
with flows as (

    select * from {{ ref('stg_input_output__flows') }}

),

gross_output as (

    select * from {{ ref('stg_input_output__industry_output') }}

),

definitions as (

    select * from {{ ref('digital_industries') }}

),

digital_inputs as (

    select
        flows.year,
        flows.using_sector as sector,
        definitions.definition,
        sum(flows.value_million_usd) as digital_input_million_usd,
        -- Own-sector deliveries make electronics look digital because it buys from itself.
        sum(case when flows.supplying_sector = flows.using_sector then 0 else flows.value_million_usd end)
            as digital_input_without_own_million_usd
    from flows
    inner join definitions on flows.supplying_sector = definitions.sector
    group by all

),

observed as (

    select
        gross_output.year,
        gross_output.sector,
        definitions.definition,
        gross_output.gross_output_million_usd,
        coalesce(digital_inputs.digital_input_million_usd, 0) as digital_input_million_usd,
        case
            when gross_output.gross_output_million_usd > 0
                then coalesce(digital_inputs.digital_input_million_usd, 0) / gross_output.gross_output_million_usd
            else 0
        end as coefficient,
        case
            when gross_output.gross_output_million_usd > 0
                then coalesce(digital_inputs.digital_input_without_own_million_usd, 0)
                    / gross_output.gross_output_million_usd
            else 0
        end as coefficient_without_own
    from gross_output
    cross join (select distinct definition from definitions) as definitions
    left join digital_inputs
        on gross_output.year = digital_inputs.year
            and gross_output.sector = digital_inputs.sector
            and definitions.definition = digital_inputs.definition
    -- A year of gross output without a flow table would read as zero digital input.
    where gross_output.year in (select year from flows)

),

years as (

    select unnest(range(
        (select min(year) from observed),
        greatest((select max(year) from observed), {{ setting('study_end_year') }}) + 1
    ))::integer as year

),

table_years as (

    select
        years.year,
        max(observed.year) as table_year
    from years
    inner join (select distinct year from observed) as observed on observed.year <= years.year
    group by years.year

),

final as (

    select
        observed.sector,
        table_years.year,
        observed.definition,
        observed.coefficient,
        observed.coefficient_without_own,
        observed.digital_input_million_usd,
        observed.gross_output_million_usd,
        table_years.table_year,
        table_years.table_year < table_years.year as is_carried_forward
    from table_years
    inner join observed on table_years.table_year = observed.year

)

select * from final
