{# Long, so that a new indicator is a new row and no contract changes. #}
-- depends_on: {{ ref('resilience_indicators') }}
with computed as (

    select * from {{ ref('int_indicators_computed') }}

),

indicator_values as (

    {{ unpivot_columns(
        'computed', ['city_code', 'year'],
        indicators() | map(attribute='indicator_id') | list, 'indicator_id', 'value'
    ) }}

),

final as (

    select
        city_code,
        year,
        indicator_id,
        value,
        {{ data_origin() }} as data_origin
    from indicator_values

)

select * from final
