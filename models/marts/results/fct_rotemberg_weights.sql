with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_rotemberg_weights') }}

)

select * from final
