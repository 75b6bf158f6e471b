{# What the raw data allowed and what not, with the reason: files, series, indicators, variables. #}
with cells as (

    select * from {{ ref('int_yearbook_cells_interpolated') }}
    where {{ in_study_years() }}

),

indicator_coverage as (

    select * from {{ ref('int_indicator_coverage') }}

),

city_years as (

    select * from {{ ref('fct_city_years') }}
    where is_sampled_city and {{ in_study_years() }}

),

definitions as (

    select * from {{ ref('int_variables_checked') }}
    where stage in ('early', 'late') and definition is not null

),

{{ import_each(raw_tables().values() | map(attribute='staged')) }}

{% if takes_member_changes() %}
months as (

    select * from {{ ref('stg_platform__member_change_batches') }}

),
{% endif %}
files as (

    {% for file, models in raw_tables().items() %}
    select
        'file' as item_type,
        '{{ file }}' as item,
        (select count(*) from {{ models.staged }}) as n_rows
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {%- if takes_member_changes() %}
    union all
    select
        'file' as item_type,
        'platform_member_changes' as item,
        (select coalesce(sum(rows_accepted), 0) from months) as n_rows
    {%- endif %}

),

file_items as (

    select
        item_type,
        item,
        case when n_rows > 0 then 1.0 else 0.0 end as coverage,
        case
            when n_rows > 0 then format('{:,}', n_rows) || ' rows'
            when item = 'platform_member_counts'
                and (select n_rows from files where item = 'platform_members') > 0
                then 'not needed: platform_members is there'
            when item in ('platform_members', 'platform_member_counts')
                and (select n_rows from files where item = 'platform_member_changes') > 0
                then 'not supplied: members arrive by month'
            when item = 'platform_members'
                and (select n_rows from files where item = 'platform_member_counts') > 0
                then 'not supplied: platform_member_counts stands in'
            when item = 'national_series' then 'not supplied: seed national_series stands in'
            when item = 'policy_pilots' then 'not supplied: seed policy_pilots stands alone'
            else 'not supplied'
        end as reason
    from files

),

series_items as (

    select
        'series' as item_type,
        series as item,
        count(value) / count(*) as coverage,
        case
            when count(value) = 0 then 'no value in city_yearbook'
            else 'values for ' || min(case when value is not null then year end)
                || '-' || max(case when value is not null then year end)
        end as reason
    from cells
    group by series

),

indicator_items as (

    select
        'indicator' as item_type,
        indicator_id as item,
        coverage,
        decision as reason
    from indicator_coverage

),

variables as (

    {% for variable in panel_variables() %}
    select
        '{{ variable }}' as item,
        count({{ variable }}) / nullif(count(*), 0) as coverage
    from city_years
    union all
    {% endfor %}
    select
        null::varchar as item,
        null::double as coverage
    where false

),

inputs as (

    select
        definition as item,
        unnest(string_split(needs, ' ')) as input
    from definitions

),

short_inputs as (

    select
        inputs.item,
        string_agg(
            inputs.input || ' (' || round(100 * available.coverage)::integer || '%)', ', ' order by inputs.input
        ) as short_inputs
    from inputs
    inner join (select item, coverage from series_items union all select item, coverage from file_items) as available
        on inputs.input = available.item
    where available.coverage < {{ setting('min_indicator_coverage') }}
    group by inputs.item

),

variable_items as (

    select
        'variable' as item_type,
        variables.item,
        coalesce(variables.coverage, 0) as coverage,
        case
            when variables.coverage >= {{ setting('min_indicator_coverage') }} then 'computed'
            when short_inputs.short_inputs is not null then 'too little of: ' || short_inputs.short_inputs
            when variables.coverage > 0 then 'computed where all its inputs are there'
            else 'no city-year has all its inputs'
        end as reason
    from variables
    left join short_inputs on variables.item = short_inputs.item

),

combined as (

    select * from file_items
    union all
    select * from series_items
    union all
    select * from indicator_items
    union all
    select * from variable_items

),

final as (

    select
        item_type,
        item,
        case
            when coverage = 0 then 'unavailable'
            when item_type = 'indicator' and coverage < {{ setting('min_indicator_coverage') }} then 'left out'
            when coverage < 1 then 'partial'
            else 'complete'
        end as status,
        coverage,
        reason,
        {{ data_origin() }} as data_origin
    from combined

)

select * from final
