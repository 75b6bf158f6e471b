{# Weight of each indicator now and in the published build. #}
with weights as (

    select * from {{ ref('fct_index_weights') }}

),

published as (

    select * from {{ source('published', 'fct_index_weights') }}

),

final as (

    select
        'fct_index_weights' as table_name,
        weights.index_id,
        weights.scope_year,
        weights.indicator_id,
        weights.weight,
        published.weight as published_weight,
        abs(coalesce(weights.weight, 0) - coalesce(published.weight, 0)) as weight_change
    from weights
    inner join published
        on weights.index_id = published.index_id
            and weights.scope_year is not distinct from published.scope_year
            and weights.indicator_id = published.indicator_id

)

select * from final
