with rotemberg_weights as (

    select * from {{ ref('est_rotemberg_weights') }}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from rotemberg_weights

)

select * from final
