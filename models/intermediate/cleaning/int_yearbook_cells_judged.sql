with city_years as (

    select * from {{ ref('int_yearbook_supplied') }}

),

supplied as (

    select * from {{ ref('int_yearbook_cells') }}

),

decisions as (

    select * from {{ ref('cell_decisions') }}
    where applies_to = {{ data_origin() }}

),

auxiliary as (

    {{ unpivot_columns('city_years', ['city_code', 'year'], auxiliary_series(), 'series', 'value') }}

),

cells as (

    select
        city_code,
        year,
        series,
        supplied_value as value
    from supplied
    union all
    -- What others are derived from; nobody asks for a figure that is not there.
    select
        city_code,
        year,
        series,
        value
    from auxiliary
    where value is not null

),

deviations as (

    {{ beside_neighbours('cells') }}

),

far_cells as (

    {{ far_from_neighbours('deviations') }}

),

steep as (

    select
        city_code,
        year,
        series,
        'neighbouring_years' as rule,
        case when deviation > 0 then '' else '1/' end
            || case
                when abs(deviation) > ln(100) then format('{:,.0f}', exp(abs(deviation)))
                else format('{:.1f}', exp(abs(deviation)))
            end
            || case when deviation > 0 then ' times' else ' of' end
            || ' the median of the years before and after' as reason,
        expected_value,
        exponent
    from far_cells

),

-- Relations that hold in any city.
impossible as (

    select
        null::varchar as city_code,
        null::integer as year,
        null::varchar as series,
        null::varchar as rule,
        null::varchar as reason,
        null::double as expected_value,
        null::integer as exponent
    where false
    {%- for rule in accounting_rules() %}
    union all
    select
        city_code,
        year,
        '{{ rule.series }}' as series,
        '{{ rule.rule }}' as rule,
        '{{ rule.reason }}' as reason,
        null::double as expected_value,
        null::integer as exponent
    from city_years
    where {{ rule.when }}
    {%- endfor %}

),

flags as (

    select
        city_code,
        year,
        series,
        string_agg(rule, ', ' order by rule) as rule,
        string_agg(reason, '; ' order by rule) as reason,
        max(expected_value) as expected_value,
        max(exponent) filter (where series not in ({{ flagged_series('is_lumpy') }})) as exponent
    from (select * from steep union all select * from impossible) as found
    group by city_code, year, series

),

combined as (

    select
        coalesce(flags.city_code, decisions.city_code) as city_code,
        coalesce(flags.year, decisions.year) as year,
        coalesce(flags.series, decisions.series) as series,
        coalesce(flags.rule, 'not flagged') as rule,
        flags.reason as suspicion,
        flags.expected_value,
        case
            when decisions.action is not null then decisions.action
            when flags.exponent is not null then 'blank'
            else 'none'
        end as action,
        decisions.value as decided_value,
        case
            when decisions.action is not null then decisions.decided_by
            when flags.exponent is not null then 'rule'
        end as decided_by,
        case
            when decisions.action is not null then decisions.reason
            when flags.exponent is not null
                then 'a slip of the unit or the decimal point: ' || flags.reason || ', which agree with each other'
        end as decision_reason
    from flags
    full outer join decisions
        on flags.city_code = decisions.city_code
            and flags.year = decisions.year
            and flags.series = decisions.series
    where flags.series is not null or decisions.condition = 'always'

),

final as (

    select
        combined.city_code,
        combined.year,
        combined.series,
        cells.value as supplied_value,
        combined.expected_value,
        combined.rule,
        combined.suspicion,
        combined.action,
        case combined.action
            when 'replace' then combined.decided_value
            when 'blank' then null
            else cells.value
        end as used_value,
        combined.decided_by,
        combined.decision_reason
    from combined
    left join cells
        on combined.city_code = cells.city_code
            and combined.year = cells.year
            and combined.series = cells.series

)

select * from final
