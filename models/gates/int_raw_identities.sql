{# What must hold between columns of the raw files: a part is not larger than its whole. #}
with city_years as (

    select * from {{ ref('stg_yearbook__city_years') }}

),

flows as (

    select * from {{ ref('stg_input_output__flows') }}

),

gross_output as (

    select * from {{ ref('stg_input_output__industry_output') }}

),

yearbook as (

    select
        null::varchar as identity,
        null::varchar as table_name,
        null::varchar as column_name,
        null::varchar as subject,
        null::double as part,
        null::double as whole
    where false
    {%- for rule in part_of_whole_rules() %}
    union all
    select
        '{{ rule.rule }}' as identity,
        'city_yearbook' as table_name,
        '{{ rule.series }}' as column_name,
        city_code || ' ' || year as subject,
        {{ rule.part }} as part,
        {{ rule.whole }} as whole
    from city_years
    {%- endfor %}

),

-- What a sector buys from all sectors is less than what it produces, by its value added.
input_output as (

    select
        'inputs_within_output' as identity,
        'input_output_flows' as table_name,
        'value_million_usd' as column_name,
        flows.using_sector || ' ' || flows.year as subject,
        sum(flows.value_million_usd) as part,
        max(gross_output.gross_output_million_usd) as whole
    from flows
    inner join gross_output
        on flows.using_sector = gross_output.sector and flows.year = gross_output.year
    -- Tables may carry rows of totals, taxes and value added beside the supplying sectors.
    where flows.supplying_sector in (select gross_output.sector from gross_output)
    group by flows.using_sector, flows.year

),

combined as (

    select * from yearbook
    union all
    select * from input_output
    union all
    -- Where inputs are more than all of it, output may be at fault as well.
    select * replace (
        'output_covers_inputs' as identity,
        'industry_output' as table_name,
        'gross_output_million_usd' as column_name
    )
    from input_output
    where part > whole

),

final as (

    select
        *,
        part / nullif(whole, 0) as share
    from combined
    where part is not null and whole is not null

)

select * from final
