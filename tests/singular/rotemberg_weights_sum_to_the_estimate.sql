{# Weights of a decomposed estimate sum to one and contributions to the estimate. #}
select
    spec_id,
    sum(alpha) as sum_alpha,
    sum(contribution) as sum_contribution,
    max(estimate) as estimate
from {{ ref('fct_rotemberg_weights') }}
where status = 'estimated'
group by spec_id
having
    abs(sum(alpha) - 1) > 1e-9
    or abs(sum(contribution) - max(estimate)) > 1e-9 * abs(max(estimate))
