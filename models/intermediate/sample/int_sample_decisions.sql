{# Every variable that may decide is counted, those whose row says `decides_sample` decide. #}
{% set candidates = sample_candidates() | map(attribute='definition') | list %}
{% set variables = sample_variables() %}
-- Which joined columns there are is written from seeds, which the linter has not.
-- noqa: disable=ST11
with availability as (

    select * from {{ ref('int_sample_availability') }}

),

known as (

    select * from {{ ref('cities') }}

),

cells as (

    {% for variable in candidates %}
    select
        city_code,
        year,
        '{{ variable }}' as variable,
        {{ variable in variables }} as is_deciding,
        has_{{ variable }} as is_available
    from availability
    union all
    {% endfor %}
    select
        city_code,
        year,
        null::varchar as variable,
        false as is_deciding,
        false as is_available
    from availability
    where false

),

-- A year in which nobody has the variable is a gap of the source, not of the city.
existing_years as (

    select
        variable,
        year
    from cells
    group by variable, year
    having bool_or(is_available)

),

missing as (

    select
        cells.city_code,
        cells.variable,
        cells.is_deciding,
        count(*) as years,
        count(*) filter (where not cells.is_available) as missing_years
    from cells
    inner join existing_years
        on cells.variable = existing_years.variable and cells.year = existing_years.year
    group by cells.city_code, cells.variable, cells.is_deciding

),

failing as (

    select
        city_code,
        string_agg(variable || ' missing in ' || missing_years || ' of ' || years || ' years', '; ' order by variable)
            as reason
    from missing
    -- The small constant keeps exactly one third of twelve years inside the limit.
    where is_deciding and missing_years > {{ setting('max_missing_share') }} * years + 1e-6
    group by city_code

),

complete as (

    select
        city_code,
        count(*) as study_years,
        count(*) filter (
            where true
            {%- for variable in variables %}
                and (has_{{ variable }} or '{{ variable }}' not in (select variable from existing_years))
            {%- endfor %}
        ) as complete_years
    from availability
    group by city_code

),

final as (

    select
        complete.city_code,
        failing.city_code is null and known.city_code is not null as is_kept,
        case
            when known.city_code is null then 'city code is not in seed cities'
            else coalesce(failing.reason, 'kept')
        end as reason,
        complete.study_years,
        complete.complete_years
        {%- for variable in candidates %},
        coalesce(max(missing.missing_years) filter (where missing.variable = '{{ variable }}'), 0)::integer
            as {{ variable }}_missing_years
        {%- endfor %}
    from complete
    left join failing on complete.city_code = failing.city_code
    left join known on complete.city_code = known.city_code
    left join missing on complete.city_code = missing.city_code
    group by all

)

select * from final
