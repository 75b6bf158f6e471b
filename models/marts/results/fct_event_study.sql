with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_event_study') }}

)

select * from final
