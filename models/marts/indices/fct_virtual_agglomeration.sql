with quotients as (

    select * from {{ ref('fct_location_quotients') }}

),

coefficients as (

    select * from {{ ref('int_digital_coefficients_by_sector') }}

),

city_members as (

    select * from {{ ref('int_city_members') }}

),

cities as (

    select
        city_code,
        city_name_en,
        city_name_zh,
        province
    from {{ ref('dim_cities') }}

),

-- A sector without coefficients contributes nothing where the tables cover the year at all.
weighted as (

    select
        quotients.city_code,
        quotients.year,
        max(quotients.city_members) as members,
        sum(quotients.lq * coalesce(coefficients.narrow, 0)) as vagg,
        sum(quotients.lq * coalesce(coefficients.wide, 0)) as vagg_wide,
        sum(quotients.lq * coalesce(coefficients.widest, 0)) as vagg_widest,
        sum(quotients.lq * coalesce(coefficients.wide_without_own, 0)) as vagg_wide_without_own,
        sum(quotients.lq * coefficients.frozen) as vagg_frozen,
        sum(quotients.lq_shrunken * coalesce(coefficients.narrow, 0)) as vagg_shrunken,
        sum(quotients.lq_per_worker * coalesce(coefficients.narrow, 0)) as vagg_per_worker,
        sum(quotients.lq_joiners * coalesce(coefficients.narrow, 0)) as vagg_joiners
    from quotients
    left join coefficients
        on quotients.sector = coefficients.sector and quotients.year = coefficients.year
    group by quotients.city_code, quotients.year

),

member_source as (

    select max(member_source) as member_source from city_members

),

final as (

    select
        weighted.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        weighted.year,
        weighted.members,
        weighted.vagg,
        weighted.vagg_wide,
        weighted.vagg_widest,
        weighted.vagg_wide_without_own,
        weighted.vagg_frozen,
        weighted.vagg_shrunken,
        weighted.vagg_per_worker,
        -- Counts are stocks: without records nobody knows who joined when.
        case when member_source.member_source = 'platform_members' then weighted.vagg_joiners end as vagg_joiners,
        case when weighted.members >= {{ setting('min_members') }} then weighted.vagg end as vagg_screened,
        member_source.member_source,
        {{ data_origin() }} as data_origin
    from weighted
    cross join member_source
    left join cities on weighted.city_code = cities.city_code
    where weighted.year in (select year from coefficients)

)

select * from final
