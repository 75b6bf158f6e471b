{# Shift-share (Bartik) exposure: 2008 employment shares times national digital coefficients. #}
with shares as (

    select * from {{ ref('int_census_employment_shares') }}

),

coefficients as (

    select * from {{ ref('int_digital_coefficients_by_sector') }}

),

cities as (

    select
        city_code,
        city_name_en,
        city_name_zh,
        province
    from {{ ref('dim_cities') }}

),

final as (

    select
        shares.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        coefficients.year,
        sum(shares.employment_share * coefficients.narrow) as dsp,
        sum(shares.employment_share * coefficients.wide) as dsp_wide,
        {{ data_origin() }} as data_origin
    from shares
    inner join coefficients
        on shares.sector = coefficients.sector
    left join cities on shares.city_code = cities.city_code
    where {{ in_study_years('coefficients.year') }}
    group by shares.city_code, cities.city_name_en, cities.city_name_zh, cities.province, coefficients.year

)

select * from final
