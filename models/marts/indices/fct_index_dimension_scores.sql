with dimension_scores as (

    select * from {{ ref('int_index_dimension_scores') }}

),

final as (

    select
        index_id,
        city_code,
        year,
        dimension,
        score,
        dimension_weight,
        {{ data_origin() }} as data_origin
    from dimension_scores

)

select * from final
