{# Output, capital and labour of a year are shared out among the cities without a rest. #}
select
    year,
    sum(output_share) as output_shares,
    sum(capital_share) as capital_shares,
    sum(labour_share) as labour_shares
from {{ ref('fct_resource_misallocation') }}
group by year
having
    abs(sum(output_share) - 1) > 1e-9
    or abs(sum(capital_share) - 1) > 1e-9
    or abs(sum(labour_share) - 1) > 1e-9
