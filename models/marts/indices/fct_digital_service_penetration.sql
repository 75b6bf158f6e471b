{# Shift-share (Bartik) exposure: 2008 employment shares times national digital coefficients. #}
with employment as (

    select
        census.city_code,
        mapped.sector,
        sum(census.employed_persons) as employed_persons
    from {{ ref('stg_census__employment') }} as census
    inner join {{ ref('int_industries_mapped') }} as mapped
        on census.industry_code = mapped.industry_code
    inner join {{ ref('int_sample_decisions') }} as decisions
        on census.city_code = decisions.city_code and decisions.is_kept
    where mapped.sector is not null and census.employed_persons is not null
    group by census.city_code, mapped.sector

),

shares as (

    select
        city_code,
        sector,
        employed_persons / nullif(sum(employed_persons) over (partition by city_code), 0) as employment_share
    from employment

),

final as (

    select
        shares.city_code,
        coefficients.year,
        sum(shares.employment_share * coefficients.narrow) as dsp,
        sum(shares.employment_share * coefficients.wide) as dsp_wide,
        {{ data_origin() }} as data_origin
    from shares
    inner join {{ ref('int_digital_coefficients_by_sector') }} as coefficients
        on shares.sector = coefficients.sector
    where {{ in_study_years('coefficients.year') }}
    group by shares.city_code, coefficients.year

)

select * from final
