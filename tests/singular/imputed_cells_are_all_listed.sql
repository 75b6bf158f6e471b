{# The codes in fct_city_years and the list fct_imputations tell the same filled cells. #}
{% set codes = "'interpolated', 'carried_forward', 'carried_backward', 'blanked', 'replaced', " %}
{% set filled = "(" ~ codes ~ derivation_codes() ~ ")" %}
with city_years as (

    select * from {{ ref('fct_city_years') }}

),

coded as (

    {% for series in yearbook_series() %}
    select
        city_code,
        year,
        '{{ series }}' as series,
        {{ series }} as value
    from city_years
    where {{ series }}_imputation in {{ filled }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    coalesce(coded.city_code, listed.city_code) as city_code,
    coalesce(coded.year, listed.year) as year,
    coalesce(coded.series, listed.series) as series,
    coded.value as value_in_city_years,
    listed.value as value_listed
from coded
full outer join {{ ref('fct_imputations') }} as listed
    on coded.city_code = listed.city_code
        and coded.year = listed.year
        and coded.series = listed.series
where coded.value is distinct from listed.value
    or coded.series is null
    or listed.series is null
