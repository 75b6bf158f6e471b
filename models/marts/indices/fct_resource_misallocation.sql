with inputs as (

    select * from {{ ref('int_factor_inputs') }}

),

production_function as (

    select * from {{ ref('est_production_function') }}

),

cities as (

    select
        city_code,
        city_name_en,
        city_name_zh,
        province
    from {{ ref('dim_cities') }}

),

elasticity as (

    select capital_elasticity
    from production_function
    -- Outside (0, 1) the estimate is no elasticity of a constant-returns function.
    where capital_elasticity > 0 and capital_elasticity < 1

),

shares as (

    select
        inputs.city_code,
        inputs.year,
        inputs.real_output / sum(inputs.real_output) over (partition by inputs.year) as output_share,
        inputs.capital / sum(inputs.capital) over (partition by inputs.year) as capital_share,
        inputs.workers / sum(inputs.workers) over (partition by inputs.year) as labour_share,
        elasticity.capital_elasticity,
        -- Marginal products; wages are in the unit of output per unit of labour.
        elasticity.capital_elasticity * inputs.real_output / inputs.capital
            as marginal_product_capital,
        (1 - elasticity.capital_elasticity) * inputs.real_output / inputs.workers
            as marginal_product_labour,
        inputs.real_wage
    from inputs
    cross join elasticity

),

distortions as (

    -- With one elasticity for all cities, gamma is the factor share over the output share.
    select
        *,
        abs(output_share / capital_share - 1) as dist_k,
        abs(output_share / labour_share - 1) as dist_l,
        marginal_product_capital / {{ setting('capital_rental_rate') }} as capital_wedge,
        marginal_product_labour / nullif(real_wage, 0) as labour_wedge
    from shares

),

final as (

    select
        distortions.city_code,
        cities.city_name_en,
        cities.city_name_zh,
        cities.province,
        distortions.year,
        distortions.capital_elasticity * distortions.dist_k + (1 - distortions.capital_elasticity) * distortions.dist_l
            as dist,
        distortions.dist_k,
        distortions.dist_l,
        distortions.capital_elasticity,
        distortions.output_share,
        distortions.capital_share,
        distortions.labour_share,
        distortions.capital_wedge,
        distortions.labour_wedge,
        pow(distortions.capital_wedge, distortions.capital_elasticity)
            * pow(distortions.labour_wedge, 1 - distortions.capital_elasticity) as factor_wedge,
        {{ data_origin() }} as data_origin
    from distortions
    left join cities on distortions.city_code = cities.city_code

)

select * from final
