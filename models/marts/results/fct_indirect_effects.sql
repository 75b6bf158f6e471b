with indirect_effects as (

    select * from {{ ref('est_indirect_effects') }}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from indirect_effects

)

select * from final
