with judged as (

    select * from {{ ref('base_input_output__industry_output') }}

),

final as (

    select
        year,
        sector,
        gross_output_million_usd
    from judged
    where rule is null

)

select * from final
