with omitted_variables as (

    select * from {{ ref('est_omitted_variables') }}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from omitted_variables

)

select * from final
