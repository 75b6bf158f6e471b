{{ config(post_hook='{{ comment_columns(this, series_comments()) }}') }}
with judged as (

    select * from {{ ref('base_yearbook__city_years') }}

),

final as (

    select
        city_code,
        city_name_zh,
        year,
        {%- for series in supplied_series() %}
        {{ series }}{{ ',' if not loop.last }}
        {%- endfor %}
    from judged
    where rule is null

)

select * from final
