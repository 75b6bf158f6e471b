with judged as (

    select * from {{ ref('base_national__series') }}

),

final as (

    select
        year,
        internet_users_million
    from judged
    where rule is null

)

select * from final
