{% set as_of = as_of_time() %}
{% if as_of -%}
with supplied as (

    select * from {{ ref('snapshot_yearbook') }}
    where data_origin = {{ data_origin() }} and {{ valid_at(as_of) }}

),
{%- else -%}
with supplied as (

    select * from {{ ref('stg_yearbook__city_years') }}

),
{%- endif %}

final as (

    select
        city_code,
        year,
        {%- for series in supplied_series() %}
        {{ series }}{{ ',' if not loop.last }}
        {%- endfor %}
    from supplied

)

select * from final
