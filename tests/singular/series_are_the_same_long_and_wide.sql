{# The long series and the wide yearbook hold the same values and codes, cell by cell. #}
with wide as (

    {{ unpivot_columns(ref('int_yearbook_cleaned'), ['city_code', 'year'], yearbook_series(), 'series', 'value') }}

)

select
    coalesce(wide.city_code, long.city_code) as city_code,
    coalesce(wide.year, long.year) as year,
    coalesce(wide.series, long.series) as series,
    wide.value as value_wide,
    long.value as value_long
from wide
full outer join {{ ref('fct_series') }} as long
    on wide.city_code = long.city_code and wide.year = long.year and wide.series = long.series
where wide.value is distinct from long.value
    or wide.series is null
    or long.series is null
