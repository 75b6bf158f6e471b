with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_resampled_inference') }}

)

select * from final
