{# A cell that the yearbook leaves empty, from other series of the same city and year. #}
{% set steps = derived_steps() %}
{% set rows = derivations() %}
{% set targets = rows | map(attribute='series') | unique | list %}
{% set read = ((inputs_of(steps, 'series') | map(attribute='source_name') | list) + targets) | unique | list %}
-- Which columns there are is written from a seed, which the linter has not.
-- noqa: disable=ST11
with supplied as (

    select * from {{ ref('int_yearbook_supplied') }}

),

cells as (

    select * from {{ ref('int_yearbook_cells') }}

),

judged as (

    select * from {{ ref('int_yearbook_cells_judged') }}

),

-- Every city in every year: functions of earlier years run over years without a gap.
city_years as (

    select distinct
        city_code,
        year
    from cells

),

decided as (

    select
        city_code,
        year
        {%- for series in read %},
        bool_or(series = '{{ series }}') as is_decided_{{ series }},
        max(cast(used_value as double)) filter (where series = '{{ series }}') as {{ series }}
        {%- endfor %}
    from judged
    where action in ('blank', 'replace')
    group by city_code, year

),

layer_0 as (

    select
        city_years.city_code,
        city_years.year
        {%- for series in read %},
        coalesce(decided.is_decided_{{ series }}, false) as _is_decided_{{ series }},
        case when decided.is_decided_{{ series }} then decided.{{ series }} else supplied.{{ series }} end
            as _series_{{ series }}
        {%- endfor %}
    from city_years
    left join supplied on city_years.city_code = supplied.city_code and city_years.year = supplied.year
    left join decided on city_years.city_code = decided.city_code and city_years.year = decided.year

),

{{ layers_of(steps) }}

candidates as (

    select
        cast(null as varchar) as city_code,
        cast(null as integer) as year,
        cast(null as varchar) as series,
        cast(null as varchar) as derivation,
        cast(null as varchar) as imputation_code,
        cast(null as integer) as position,
        cast(null as double) as derived_value
    where false
    {%- for row in rows %}
    union all
    select
        city_code,
        year,
        '{{ row.series }}' as series,
        '{{ row.derivation }}' as derivation,
        '{{ row.imputation_code }}' as imputation_code,
        {{ row.position | int }} as position,
        _derived_{{ row.derivation }} as derived_value
    from {{ last_layer(steps) }}
    where _series_{{ row.series }} is null and _derived_{{ row.derivation }} is not null
    {%- endfor %}

),

-- The first row that can fill the cell.
final as (

    select
        city_code,
        year,
        series,
        arg_min(derived_value, position) as derived_value,
        arg_min(imputation_code, position) as imputation_code,
        arg_min(derivation, position) as derivation
    from candidates
    group by city_code, year, series

)

select * from final
