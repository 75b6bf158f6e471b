{{ behind_gate('indices') }}
with yearbook as (

    select * from {{ ref('int_yearbook_cleaned') }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

cities as (

    select * from {{ ref('dim_cities') }}

),

controls as (

    select * from {{ ref('int_controls_computed') }}

),

resilience as (

    select * from {{ ref('fct_resilience') }}

),

agglomeration as (

    select * from {{ ref('fct_virtual_agglomeration') }}

),

instruments as (

    select * from {{ ref('int_instruments') }}

),

misallocation as (

    select * from {{ ref('fct_resource_misallocation') }}

),

market as (

    select * from {{ ref('fct_market_potential') }}

),

penetration as (

    select * from {{ ref('fct_digital_service_penetration') }}

),

martin as (

    select * from {{ ref('fct_martin_resilience') }}

),

infrastructure as (

    select * from {{ ref('fct_digital_infrastructure') }}

),

final as (

    select
        yearbook.city_code,
        yearbook.year,
        cities.city_name_zh,
        cities.city_name_en,
        cities.province,
        decisions.is_kept as is_sampled_city,
        resilience.resi,
        resilience.resistance_recovery,
        resilience.adaptation_regulation,
        resilience.transformation_development,
        agglomeration.members,
        agglomeration.vagg,
        controls.pop,
        controls.open,
        controls.fre,
        controls.road,
        controls.wage,
        controls.edu,
        instruments.iv,
        instruments.iv_identified,
        instruments.iv_linear,
        misallocation.dist,
        misallocation.dist_k,
        misallocation.dist_l,
        market.mp,
        market.lmp,
        market.hmp,
        controls.agg,
        penetration.dsp,
        martin.martin_resilience,
        infrastructure.digital_infrastructure,
        infrastructure.is_high_in_year as is_high_digital_infrastructure,
        {%- for series in yearbook_series() %}
        yearbook.{{ series }},
        {%- endfor %}
        {%- for series in yearbook_series() %}
        yearbook.{{ series }}_imputation,
        {%- endfor %}
        {{ data_origin() }} as data_origin
    from yearbook
    left join decisions on yearbook.city_code = decisions.city_code
    left join cities on yearbook.city_code = cities.city_code
    left join controls
        on yearbook.city_code = controls.city_code and yearbook.year = controls.year
    left join resilience
        on yearbook.city_code = resilience.city_code and yearbook.year = resilience.year
    left join agglomeration
        on yearbook.city_code = agglomeration.city_code and yearbook.year = agglomeration.year
    left join instruments
        on yearbook.city_code = instruments.city_code and yearbook.year = instruments.year
    left join misallocation
        on yearbook.city_code = misallocation.city_code and yearbook.year = misallocation.year
    left join market
        on yearbook.city_code = market.city_code and yearbook.year = market.year
    left join penetration
        on yearbook.city_code = penetration.city_code and yearbook.year = penetration.year
    left join martin
        on yearbook.city_code = martin.city_code and yearbook.year = martin.year
    left join infrastructure
        on yearbook.city_code = infrastructure.city_code and yearbook.year = infrastructure.year

)

select * from final
