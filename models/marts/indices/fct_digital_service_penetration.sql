{# Shift-share (Bartik) exposure: 2008 employment shares times national digital coefficients. #}
with shares as (

    select * from {{ ref('int_census_employment_shares') }}

),

coefficients as (

    select * from {{ ref('int_digital_coefficients_by_sector') }}

),

final as (

    select
        shares.city_code,
        coefficients.year,
        sum(shares.employment_share * coefficients.narrow) as dsp,
        sum(shares.employment_share * coefficients.wide) as dsp_wide,
        {{ data_origin() }} as data_origin
    from shares
    inner join coefficients
        on shares.sector = coefficients.sector
    where {{ in_study_years('coefficients.year') }}
    group by shares.city_code, coefficients.year

)

select * from final
