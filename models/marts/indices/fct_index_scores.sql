with scores as (

    select * from {{ ref('int_index_scores') }}

),

final as (

    select
        index_id,
        city_code,
        year,
        score,
        rank() over (partition by index_id, year order by score desc)::integer as rank_in_year,
        {{ data_origin() }} as data_origin
    from scores

)

select * from final
