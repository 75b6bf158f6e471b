with potential as (

    select * from {{ ref('int_market_potential') }}
    where is_computable

),

sizes as (

    select * from {{ ref('int_market_sizes') }}

),

cities as (

    select
        city_code,
        city_name_en,
        city_name_zh,
        province
    from {{ ref('dim_cities') }}

),

city_years as (

    select distinct
        city_code,
        year
    from sizes

),

wide as (

    select
        city_code,
        year,
        {%- for definition, suffix in [('retail_internet', ''), ('retail', '_retail'), ('gdp', '_gdp')] %}
        {%- set only = "filter (where definition = '" ~ definition ~ "')" %}
        max(own_market_potential) {{ only }} as lmp{{ suffix }},
        max(other_market_potential) {{ only }} as hmp{{ suffix }},
        max(fixed_markets) {{ only }} as markets{{ suffix }}{{ ',' if not loop.last }}
        {%- endfor %}
    from potential
    group by city_code, year

),

final as (

    select
        city_years.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        city_years.year,
        wide.lmp + wide.hmp as mp,
        -- The parts stand or fall together, so that mp is always their sum.
        case when wide.lmp + wide.hmp is not null then wide.lmp end as lmp,
        case when wide.lmp + wide.hmp is not null then wide.hmp end as hmp,
        wide.markets,
        wide.lmp_retail + wide.hmp_retail as mp_retail,
        wide.lmp_retail,
        wide.hmp_retail,
        wide.lmp_gdp + wide.hmp_gdp as mp_gdp,
        wide.lmp_gdp,
        wide.hmp_gdp,
        {{ data_origin() }} as data_origin
    from city_years
    left join wide on city_years.city_code = wide.city_code and city_years.year = wide.year
    left join cities on city_years.city_code = cities.city_code

)

select * from final
