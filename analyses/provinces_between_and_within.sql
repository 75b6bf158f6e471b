-- Question: is resilience a matter of the province, or do cities of one province differ as much?
-- Grain: province, last study year, highest median first; the last columns split the variance of all cities
-- into the part between provinces and the part within them.
with last_year as (

    select * from {{ ref('fct_estimation_panel') }}
    where resi is not null
    qualify year = max(year) over ()

),

scores as (

    select
        province,
        year,
        resi,
        avg(resi) over (partition by province) as mean_of_province,
        avg(resi) over () as mean_of_all,
        data_origin
    from last_year

),

split as (

    select
        sum((mean_of_province - mean_of_all) ** 2) / sum((resi - mean_of_all) ** 2) as share_between
    from scores

),

final as (

    select
        scores.province,
        scores.year,
        count(*) as cities,
        round(median(scores.resi), 4) as median_score,
        round(min(scores.resi), 4) as lowest_score,
        round(max(scores.resi), 4) as highest_score,
        round(100 * split.share_between, 1) as percent_of_variance_between,
        round(100 * (1 - split.share_between), 1) as percent_of_variance_within,
        any_value(scores.data_origin) as data_origin
    from scores
    cross join split
    group by scores.province, scores.year, split.share_between

)

select * from final
order by median_score desc, province
