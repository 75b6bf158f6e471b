with event_study as (

    select * from {{ ref('est_event_study') }}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from event_study

)

select * from final
