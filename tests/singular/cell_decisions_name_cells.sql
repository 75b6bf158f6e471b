{# A decision about a cell that does not exist decides nothing: each is named with its row. #}
with cities as (

    select * from {{ ref('cities') }}

),

decisions as (

    select
        *,
        'Seed cell_decisions, ' || coalesce(city_code, '') || ' ' || coalesce(year, 0) || ' '
            || coalesce(series, '') || ': ' as place
    from {{ ref('cell_decisions') }}

),

faults as (

    select place || 'city_code is not in seed cities.' as message
    from decisions
    where
        city_code is null
        or {{ unknown_city() }}
    union all
    select place || 'series is no column of city_yearbook.' as message
    from decisions
    where
        series is null
        or series not in (
            {%- for series in supplied_series() %}
            '{{ series }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
    union all
    select place || 'unknown action ''' || coalesce(action, '') || '''. Known: accept, blank, replace.' as message
    from decisions
    where coalesce(action not in ('accept', 'blank', 'replace'), true)
    union all
    select place || 'a value goes with action replace, and only with it.' as message
    from decisions
    where (action = 'replace') <> (value is not null)
    union all
    select
        place || 'unknown condition ''' || coalesce(condition, '')
            || '''. Known: always, while_suspicious.' as message
    from decisions
    where coalesce(condition not in ('always', 'while_suspicious'), true)
    union all
    select place || 'applies_to is ''' || coalesce(applies_to, '') || '''. Known: supplied, simulated.' as message
    from decisions
    where coalesce(applies_to not in ('supplied', 'simulated'), true)
    union all
    select place || 'reason is empty.' as message
    from decisions
    where reason is null
    union all
    select decisions.place || 'city_yearbook has no row of this city and year.' as message
    from decisions
    left join {{ ref('stg_yearbook__city_years') }} as city_years
        on decisions.city_code = city_years.city_code and decisions.year = city_years.year
    where
        decisions.applies_to = {{ data_origin() }}
        and decisions.condition = 'always'
        and city_years.city_code is null

)

{{ stop_with('faults', limit=20) }}
