with source as (

    select * from {{ source('raw', 'city_yearbook') }}

),

final as (

    select
        lpad(trim(city_code), 6, '0') as city_code,
        trim(city_name_zh) as city_name_zh,
        year,
        {%- for series in yearbook_series() %}
        {{ series }}{{ ',' if not loop.last }}
        {%- endfor %}
    from source

)

select * from final
