{# A whole column in another unit fits its neighbours perfectly: only its size gives it away. The
   brackets are in seed raw_columns and hold for many cities, so a handful is not judged. #}
with cells as (

    {{ unpivot_columns(ref('stg_yearbook__city_years'), ['city_code'], supplied_series(), 'series', 'value') }}
    where value > 0

),

medians as (

    select
        series,
        median(value) as median_value
    from cells
    group by series
    having count(distinct city_code) >= 20

),

brackets as (

    select
        column_name as series,
        lowest_median as lowest,
        highest_median as highest
    from {{ ref('raw_columns') }}
    where table_name = 'city_yearbook' and lowest_median is not null

),

faults as (

    select
        'city_yearbook, column `' || medians.series || '`: its median, ' || format('{:,.6g}', medians.median_value)
            || ', is not between ' || format('{:,.6g}', brackets.lowest)
            || ' and ' || format('{:,.6g}', brackets.highest)
            || '. The column is in another unit: convert it to the one in its name (models/staging/_raw__sources.yml).'
            as message
    from medians
    inner join brackets on medians.series = brackets.series
    where medians.median_value not between brackets.lowest and brackets.highest

)

{{ stop_with('faults', limit=30) }}
