{# resi = sum of W_k D_k, before winsorizing, from the published tables alone. #}
with dimension_weights as (

    select
        max(dimension_weight) filter (where dimension = 'resistance_recovery') as resistance_recovery,
        max(dimension_weight) filter (where dimension = 'adaptation_regulation') as adaptation_regulation,
        max(dimension_weight) filter (where dimension = 'transformation_development')
            as transformation_development
    from {{ ref('fct_index_weights') }}
    where index_id = 'resi'

),

recomputed as (

    select
        resilience.city_code,
        resilience.year,
        resilience.resi,
        -- A dimension without usable indicators has no score and no weight.
        coalesce(weights.resistance_recovery * resilience.resistance_recovery, 0)
        + coalesce(weights.adaptation_regulation * resilience.adaptation_regulation, 0)
        + coalesce(weights.transformation_development * resilience.transformation_development, 0)
            as weighted_sum
    from {{ ref('fct_resilience') }} as resilience
    cross join dimension_weights as weights

)

select * from recomputed
where coalesce(abs(resi - weighted_sum) > 1e-12, true)
