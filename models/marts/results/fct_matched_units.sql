with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_matched_units') }}

)

select * from final
