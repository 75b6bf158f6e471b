with matched_units as (

    select * from {{ ref('est_matched_units') }}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from matched_units

)

select * from final
