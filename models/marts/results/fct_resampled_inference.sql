with resampled_inference as (

    select * from {{ ref('est_resampled_inference') }}

),

final as (

    select
        * exclude (placebo_draws),
        {{ data_origin() }} as data_origin
    from resampled_inference

)

select * from final
