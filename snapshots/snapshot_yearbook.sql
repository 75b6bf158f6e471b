{% snapshot snapshot_yearbook %}
{{ config(
    unique_key=['data_origin', 'city_code', 'year'],
    strategy='check',
    check_cols='all',
    hard_deletes='invalidate',
    pre_hook='{{ add_new_series() }}',
) }}
{%- set columns = ['city_code', 'year'] + supplied_series() -%}
{% if not as_of_time() %}
select
    {{ data_origin() }} as data_origin,
    {{ columns | join(',\n    ') }}
from {{ ref('stg_yearbook__city_years') }}
{%- endif %}
{{ rows_that_stand(['data_origin'] + columns) }}
{% endsnapshot %}
