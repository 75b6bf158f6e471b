with industries as (

    select * from {{ ref('stg_codes__industries') }}

),

{% if takes_member_changes() %}
member_change_counts as (

    select * from {{ ref('stg_platform__member_change_counts') }}

),
{% endif %}
known as (

    select
        given_code,
        industry_code
    from industries
    where table_name = 'platform_members' and rule is null
    {%- if takes_member_changes() %}
    union
    select
        industry_code as given_code,
        industry_code
    from member_change_counts
    {%- endif %}

),

final as (

    select
        cast(row_number() over (order by given_code) as smallint) as industry_id,
        given_code,
        industry_code
    from known

)

select * from final
