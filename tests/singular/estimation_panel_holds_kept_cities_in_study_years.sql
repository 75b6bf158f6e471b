{# The estimation panel is complete: each kept city in each study year that the raw data reach, no
   city-year beyond that. #}
with expected as (

    select
        decisions.city_code,
        city_years.year
    from {{ ref('fct_sample_decisions') }} as decisions
    cross join (
        select distinct year from {{ ref('fct_city_years') }}
        where {{ in_study_years() }}
    ) as city_years
    where decisions.is_kept

)

select
    coalesce(expected.city_code, panel.city_code) as city_code,
    coalesce(expected.year, panel.year) as year,
    case when panel.city_code is null then 'missing' else 'not expected' end as fault
from expected
full outer join {{ ref('fct_estimation_panel') }} as panel
    on expected.city_code = panel.city_code and expected.year = panel.year
where expected.city_code is null or panel.city_code is null
