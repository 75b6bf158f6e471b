{# Shift-share (Bartik) exposure: 2008 employment shares times national digital coefficients. #}
with final as (

    select
        shares.city_code,
        coefficients.year,
        sum(shares.employment_share * coefficients.narrow) as dsp,
        sum(shares.employment_share * coefficients.wide) as dsp_wide,
        {{ data_origin() }} as data_origin
    from {{ ref('int_census_employment_shares') }} as shares
    inner join {{ ref('int_digital_coefficients_by_sector') }} as coefficients
        on shares.sector = coefficients.sector
    where {{ in_study_years('coefficients.year') }}
    group by shares.city_code, coefficients.year

)

select * from final
