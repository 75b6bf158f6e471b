with group_differences as (

    select * from {{ ref('est_group_differences') }}

),

-- Drawn once, for the p-values and for this table: a list in the row of the method.
draws as (

    select
        spec_id,
        method,
        unnest(null_draws) as difference,
        generate_subscripts(null_draws, 1) as draw
    from group_differences

),

final as (

    select
        spec_id,
        method,
        draw,
        difference,
        difference is null as is_failed,
        {{ data_origin() }} as data_origin
    from draws

)

select * from final
