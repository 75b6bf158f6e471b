{# The printed numbers against themselves: what no data are needed to see. #}
{# Of the number and of its bound, and what binary fractions add. #}
{% set two_roundings = '(2 * half_unit * (1 + 1e-8))' %}
{% set published_value = "max(value) filter (where statistic = '" %}
with published_results as (

    select * from {{ ref('published_results') }}

),

published_identities as (

    select * from {{ ref('published_identities') }}

),

-- Half of the last digit that a table prints of its coefficients.
digits as (

    select
        table_id,
        0.5 * pow(10, -max(length(split_part(value::varchar, '.', 2)))) as half_unit,
        -- A publication without any has none to check.
        sum(count(stars)) over () > 0 as prints_stars
    from published_results
    where statistic in ('estimate', 'std_error')
    group by table_id

),

printed as (

    select
        table_id,
        column_id,
        try_cast(regexp_extract(column_id, '[0-9]+$') as integer) as printed_column,
        {{ published_value }}estimate') as estimate,
        {{ published_value }}std_error') as std_error,
        {{ published_value }}p_value') as difference_p,
        length(coalesce(any_value(stars) filter (where statistic = 'estimate'), '')) as stars
    from published_results
    group by table_id, column_id
    -- Claims in words have no digits to check.
    having count(*) filter (where statistic = 'estimate') > 0

),

cells as (

    select
        printed.*,
        digits.half_unit,
        digits.prints_stars
    from printed
    inner join digits on printed.table_id = digits.table_id

),

-- Every printed digit may be rounded by half a unit. Degrees of freedom are not printed: more than
-- 90 clusters everywhere, so critical values lie between the normal's and those of t(90).
ranges as (

    select
        *,
        (abs(estimate) - half_unit) / (std_error + half_unit) as lowest_t,
        (abs(estimate) + half_unit) / (std_error - half_unit) as highest_t
    from cells
    where prints_stars

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

-- Columns whose coefficients others add up to, or average: on the same variable and rows.
parts as (

    select
        identities.table_id,
        identities.column_id,
        identities.check_id,
        identities.what,
        any_value(whole.half_unit) as half_unit,
        any_value(whole.estimate) as estimate,
        any_value(whole.std_error) as std_error,
        count(*) as n_parts,
        sum(part.estimate) as sum_of_estimates,
        min(part.estimate) as lowest_estimate,
        max(part.estimate) as highest_estimate,
        max(part.std_error) as highest_std_error
    from published_identities as identities
    inner join cells as whole
        on identities.table_id = whole.table_id and identities.column_id = whole.column_id
    inner join cells as part
        on identities.table_id = part.table_id
            and list_contains(string_split(identities.parts, ' '), part.column_id)
    group by identities.table_id, identities.column_id, identities.check_id, identities.what

),

averages as (

    select
        table_id,
        column_id,
        'weighted_average' as check_id,
        estimate as printed,
        lowest_estimate - {{ two_roundings }} as low,
        highest_estimate + {{ two_roundings }} as high,
        printf(
            'coefficients of %s run from %.4f to %.4f, that of their average is printed as %.4f',
            what,
            lowest_estimate,
            highest_estimate,
            estimate
        ) as finding
    from parts
    where check_id = 'weighted_average'
    union all
    select
        table_id,
        column_id,
        'std_error_of_average' as check_id,
        std_error as printed,
        0 as low,
        highest_std_error + {{ two_roundings }} as high,
        printf(
            'the largest standard error of %s is %.4f, that of their average is printed as %.4f',
            what,
            highest_std_error,
            std_error
        ) as finding
    from parts
    where check_id = 'weighted_average'

),

sums as (

    select
        table_id,
        column_id,
        'sum_of_parts' as check_id,
        estimate as printed,
        sum_of_estimates - (n_parts + 1) * half_unit as low,
        sum_of_estimates + (n_parts + 1) * half_unit as high,
        printf(
            '%s sum to %.4f, their total is printed as %.4f',
            what,
            sum_of_estimates,
            estimate
        ) || case
            when estimate between sum_of_estimates - (n_parts + 1) * half_unit
                and sum_of_estimates + (n_parts + 1) * half_unit then ''
            else ': they were not transformed alike'
        end as finding
    from parts
    where check_id = 'sum_of_parts'

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
