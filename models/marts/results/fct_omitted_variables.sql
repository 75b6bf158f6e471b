with final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from {{ ref('est_omitted_variables') }}

)

select * from final
