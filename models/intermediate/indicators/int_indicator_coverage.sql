-- depends_on: {{ ref('resilience_indicators') }}
with indicator_values as (

    select * from {{ ref('int_indicators_computed') }}
    where {{ in_study_years() }}

),

coverage as (

    {% for indicator in indicators() %}
    select
        '{{ indicator.indicator_id }}' as indicator_id,
        count(*) as city_years,
        count({{ indicator.indicator_id }}) as available_city_years
    from indicator_values
    {% if not loop.last %}union all{% endif %}
    {% else %}
    select null::varchar as indicator_id, null::bigint as city_years, null::bigint as available_city_years
    where false
    {% endfor %}

),

final as (

    select
        indicator_id,
        city_years,
        available_city_years,
        available_city_years / nullif(city_years, 0) as coverage,
        coalesce(available_city_years / nullif(city_years, 0) >= {{ setting('min_indicator_coverage') }}, false)
            as is_used,
        case
            when available_city_years = 0 then 'no value in the raw data'
            when available_city_years / city_years < {{ setting('min_indicator_coverage') }}
                then 'coverage ' || round(100.0 * available_city_years / city_years, 1)
                    || '% is below {{ 100 * setting('min_indicator_coverage') }}%'
            else 'used'
        end as decision
    from coverage

)

select * from final
