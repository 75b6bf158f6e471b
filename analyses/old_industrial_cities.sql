-- Question: do the cities of the old industrial base fall behind the others in resilience and in
-- virtual agglomeration, and does the gap close?
-- Grain: year x group; means over the estimation sample, winsorized, and the gap to the other group.
with groups as (

    select
        year,
        is_old_industrial,
        count(*) as cities,
        avg(resi) as mean_resi,
        median(resi) as median_resi,
        avg(vagg) as mean_vagg,
        median(vagg) as median_vagg,
        any_value(data_origin) as data_origin
    from {{ ref('fct_estimation_panel') }}
    where is_estimation_sample
    group by year, is_old_industrial

),

final as (

    select
        own.year,
        case when own.is_old_industrial then 'old industrial base' else 'other cities' end as city_group,
        own.cities,
        round(own.mean_resi, 4) as mean_resi,
        round(own.median_resi, 4) as median_resi,
        round(own.mean_vagg, 4) as mean_vagg,
        round(own.median_vagg, 4) as median_vagg,
        round(own.mean_resi - other.mean_resi, 4) as resi_gap,
        round(own.mean_vagg - other.mean_vagg, 4) as vagg_gap,
        own.data_origin
    from groups as own
    left join groups as other
        on own.year = other.year and own.is_old_industrial <> other.is_old_industrial

)

select * from final
order by year, city_group
