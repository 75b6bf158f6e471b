with marginal_effects as (

    select * from {{ ref('est_marginal_effects') }}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from marginal_effects

)

select * from final
