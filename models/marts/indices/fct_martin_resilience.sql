{# Martin, Sunley, Gardiner and Tyler (2016) on real output: growth since the phase's base year
   against that of the sample as a whole. #}
with real_output as (

    select * from {{ ref('int_real_output') }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

cities as (

    select
        city_code,
        city_name_en,
        city_name_zh,
        province
    from {{ ref('dim_cities') }}

),

output as (

    select
        output.city_code,
        output.year,
        output.real_output
    from real_output as output
    inner join decisions
        on output.city_code = decisions.city_code and decisions.is_kept

),

phased as (

    select
        city_code,
        year,
        real_output,
        case when year <= {{ setting('recovery_base_year') }} then 'resistance' else 'recovery' end as phase,
        case when year <= {{ setting('recovery_base_year') }} then {{ setting('resistance_base_year') }}
            else {{ setting('recovery_base_year') }} end as base_year
    from output
    where {{ in_study_years() }}

),

growth as (

    select
        phased.city_code,
        phased.year,
        phased.phase,
        phased.real_output / base.real_output - 1 as cumulative_growth,
        sum(phased.real_output) over (partition by phased.year)
            / sum(base.real_output) over (partition by phased.year) - 1 as national_cumulative_growth,
        phased.real_output / previous.real_output - 1 as annual_growth,
        sum(case when previous.real_output is not null then phased.real_output end)
            over (partition by phased.year)
            / sum(previous.real_output) over (partition by phased.year) - 1 as national_annual_growth
    from phased
    inner join output as base
        on phased.city_code = base.city_code and phased.base_year = base.year
    left join output as previous
        on phased.city_code = previous.city_code
            and phased.year - 1 = previous.year
            and previous.real_output > 0
    where phased.real_output is not null and base.real_output > 0

),

final as (

    -- A national growth near zero would blow the ratio up: missing instead.
    select
        growth.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        growth.year,
        growth.phase,
        case when abs(growth.national_cumulative_growth) >= 0.005
            then (growth.cumulative_growth - growth.national_cumulative_growth)
                / abs(growth.national_cumulative_growth)
        end as martin_resilience,
        case when abs(growth.national_annual_growth) >= 0.005
            then (growth.annual_growth - growth.national_annual_growth) / abs(growth.national_annual_growth)
        end as martin_resilience_annual,
        growth.cumulative_growth,
        growth.national_cumulative_growth,
        {{ data_origin() }} as data_origin
    from growth
    left join cities on growth.city_code = cities.city_code

)

select * from final
