with source as (

    select * from {{ source('raw', 'platform_members') }}

),

cities as (

    select * from {{ ref('cities') }}

),

industries as (

    select * from {{ ref('stg_platform__industries') }}

),

{% if takes_member_changes() %}
member_change_counts as (

    select * from {{ ref('stg_platform__member_change_counts') }}

),
{% endif %}
members as (

    select
        trim(city_code) as city_code,
        min(joined_year) as first_joined_year
    from source
    group by trim(city_code)
    {%- if takes_member_changes() %}
    union all
    select
        city_code,
        min(year) filter (where joiners <> 0) as first_joined_year
    from member_change_counts
    group by city_code
    {%- endif %}

),

known as (

    select
        city_code,
        min(first_joined_year) as first_joined_year
    from members
    where not ({{ unknown_city() }})
    group by city_code

),

final as (

    select
        cast(row_number() over (order by city_code) as smallint) as city_id,
        city_code,
        -- Cells of a city are numbered one after the other, a cell for each industry.
        cast(
            (row_number() over (order by city_code) - 1) * (select count(*) from industries) as integer
        ) as cells_before,
        first_joined_year
    from known

)

select * from final
