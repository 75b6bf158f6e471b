{% snapshot snapshot_resilience %}
{{ config(
    unique_key=['data_origin', 'city_code', 'year'],
    strategy='check',
    check_cols='all',
    hard_deletes='invalidate',
) }}
{% if not as_of_time() %}
select
    data_origin,
    city_code,
    year,
    -- The last digits follow the order of summation: a change there is no revision.
    round(resi, 10) as resi,
    rank_in_year
from {{ ref('fct_resilience') }}
{%- endif %}
{{ rows_that_stand(['data_origin', 'city_code', 'year', 'resi', 'rank_in_year']) }}
{% endsnapshot %}
