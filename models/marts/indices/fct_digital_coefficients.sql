with coefficients as (

    select * from {{ ref('int_digital_coefficients') }}

),

final as (

    select
        sector,
        year,
        definition,
        coefficient,
        coefficient_without_own,
        digital_input_million_usd,
        gross_output_million_usd,
        table_year,
        is_carried_forward,
        {{ data_origin() }} as data_origin
    from coefficients

)

select * from final
