{# The printed numbers against themselves: what no data are needed to see. #}
{% set half_unit = 0.00005 %}
{# Of the number and of its bound, and what binary fractions add. #}
{% set two_roundings = 0.000100000001 %}
{% set published_value = "max(value) filter (where statistic = '" %}
with published_results as (

    select * from {{ ref('published_results') }}

),

cells as (

    select
        table_id,
        column_id,
        regexp_extract(column_id, '^[A-Z]*') as panel,
        regexp_extract(column_id, '[0-9]+$')::integer as printed_column,
        {{ published_value }}estimate') as estimate,
        {{ published_value }}std_error') as std_error,
        {{ published_value }}p_value') as difference_p,
        length(coalesce(any_value(stars) filter (where statistic = 'estimate'), '')) as stars
    from published_results
    -- Claims in words have no digits to check.
    where table_id like 'table_%' and table_id <> 'table_2'
    group by table_id, column_id

),

-- Every printed digit may be rounded by half a unit. Degrees of freedom are not printed: more than
-- 90 clusters everywhere, so critical values lie between the normal's and those of t(90).
ranges as (

    select
        *,
        (abs(estimate) - {{ half_unit }}) / (std_error + {{ half_unit }}) as lowest_t,
        (abs(estimate) + {{ half_unit }}) / (std_error - {{ half_unit }}) as highest_t
    from cells

),

implied_stars as (

    select
        *,
        (lowest_t >= 1.662)::integer + (lowest_t >= 1.987)::integer + (lowest_t >= 2.632)::integer as fewest,
        (highest_t >= 1.645)::integer + (highest_t >= 1.960)::integer + (highest_t >= 2.576)::integer as most
    from ranges

),

stars as (

    select
        table_id,
        column_id,
        'stars' as check_id,
        stars as printed,
        fewest::double as low,
        most::double as high,
        stars between fewest and most as is_consistent,
        printf(
            'estimate over standard error lies between %.2f and %.2f: %s, printed with %s',
            lowest_t,
            highest_t,
            case when fewest = 0 then 'no star' else repeat('*', fewest) end,
            case when stars = 0 then 'none' else repeat('*', stars) end
        ) as finding
    from implied_stars

),

-- Column 2 regresses the index, columns 3 to 5 its dimensions, on the same variable and rows. If the
-- index is a weighted average of its dimensions, so is its coefficient of theirs.
dimensions as (

    select
        table_id,
        panel,
        any_value(column_id) filter (where printed_column = 2) as column_id,
        max(estimate) filter (where printed_column = 2) as index_estimate,
        max(std_error) filter (where printed_column = 2) as index_std_error,
        min(estimate) filter (where printed_column > 2) as lowest_estimate,
        max(estimate) filter (where printed_column > 2) as highest_estimate,
        max(std_error) filter (where printed_column > 2) as highest_std_error
    from cells
    where panel <> ''
    group by table_id, panel
    having count(*) filter (where printed_column = 2) = 1

),

averages as (

    select
        table_id,
        column_id,
        'weighted_average' as check_id,
        index_estimate as printed,
        lowest_estimate - {{ two_roundings }} as low,
        highest_estimate + {{ two_roundings }} as high,
        printf(
            'coefficients of the dimensions run from %.4f to %.4f, that of their average is printed as %.4f',
            lowest_estimate,
            highest_estimate,
            index_estimate
        ) as finding
    from dimensions
    union all
    select
        table_id,
        column_id,
        'std_error_of_average' as check_id,
        index_std_error as printed,
        0 as low,
        highest_std_error + {{ two_roundings }} as high,
        printf(
            'the largest standard error of a dimension is %.4f, that of their average is printed as %.4f',
            highest_std_error,
            index_std_error
        ) as finding
    from dimensions

),

-- mp = lmp + hmp, so column 1 of panel A is the sum of those of B and C.
market_potential as (

    select
        max(estimate) filter (where column_id = 'A1') as total,
        sum(estimate) filter (where column_id in ('B1', 'C1')) as parts
    from cells
    where table_id = 'table_6'

),

sums as (

    select
        'table_6' as table_id,
        'A1' as column_id,
        'sum_of_parts' as check_id,
        total as printed,
        parts - 3 * {{ half_unit }} as low,
        parts + 3 * {{ half_unit }} as high,
        printf(
            'local and external market potential sum to %.4f, their total is printed as %.4f',
            parts,
            total
        ) || case when total between parts - 3 * {{ half_unit }} and parts + 3 * {{ half_unit }} then ''
            else ': the three were not transformed alike' end as finding
    from market_potential

),

-- An empirical p of the difference beside what the printed coefficients say of it: two samples
-- without common cities, so the variances add.
differences as (

    select
        ones.table_id,
        ones.column_id,
        ones.difference_p,
        abs(ones.estimate - zeros.estimate) / sqrt(pow(ones.std_error, 2) + pow(zeros.std_error, 2)) as z
    from cells as ones
    inner join cells as zeros
        on ones.table_id = zeros.table_id and zeros.printed_column = ones.printed_column + 1
    where ones.difference_p is not null

),

one_sided as (

    select
        table_id,
        column_id,
        'difference_is_two_sided' as check_id,
        difference_p as printed,
        null::double as low,
        null::double as high,
        difference_p >= 0.10 or z >= 1.645 as is_consistent,
        printf(
            'the printed columns differ by %.2f standard errors, p = %.3f',
            z,
            difference_p
        ) || case when difference_p >= 0.10 or z >= 1.645 then ''
            else ': below the 1.645 of a two-sided 10 percent, it can only be one-sided' end as finding
    from differences

),

checked as (

    select
        *,
        printed between low and high as is_consistent
    from (
        select * from averages
        union all
        select * from sums
    ) as numbers

),

final as (

    select * from stars
    union all by name
    select * from checked
    union all by name
    select * from one_sided

)

select
    table_id,
    column_id,
    check_id,
    printed::double as printed,
    low,
    high,
    is_consistent,
    finding,
    'published' as data_origin
from final
