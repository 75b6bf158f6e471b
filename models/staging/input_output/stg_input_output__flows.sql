with judged as (

    select * from {{ ref('base_input_output__flows') }}

),

final as (

    select
        year,
        supplying_sector,
        using_sector,
        value_million_usd
    from judged
    where rule is null

)

select * from final
