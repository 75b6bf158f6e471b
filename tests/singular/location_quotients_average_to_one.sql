{# Weighted by the sectors' national shares, the quotients of a city with members average to one. #}
select
    city_code,
    year,
    sum(national_share * lq) as weighted_mean,
    sum(national_share) as total_share
from {{ ref('fct_location_quotients') }}
where city_members > 0
group by city_code, year
having coalesce(
    abs(sum(national_share * lq) - 1) > 1e-9 or abs(sum(national_share) - 1) > 1e-9, true
)
