with resampled_inference as (

    select * from {{ ref('est_resampled_inference') }}

),

-- Drawn once, for the p-value and for this table: a list in the row of the method.
draws as (

    select
        spec_id,
        unnest(placebo_draws) as estimate,
        generate_subscripts(placebo_draws, 1) as draw
    from resampled_inference

),

final as (

    select
        spec_id,
        draw,
        estimate,
        estimate is null as is_failed,
        {{ data_origin() }} as data_origin
    from draws

)

select * from final
