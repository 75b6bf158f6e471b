{# Every published coefficient beside ours. On simulated data agreement is by construction. #}
{% set published_value = "max(value) filter (where statistic = '" %}
{{ behind_gate('results') }}
with published as (

    select
        table_id,
        column_id,
        any_value(outcome) as outcome,
        any_value(term) filter (where statistic = 'estimate') as term,
        {{ published_value }}estimate') as published_estimate,
        {{ published_value }}std_error') as published_std_error,
        any_value(coalesce(stars, '')) filter (where statistic = 'estimate') as published_stars,
        {{ published_value }}n_obs')::bigint as published_n_obs,
        {{ published_value }}r2') as published_r2,
        {{ published_value }}p_value') as published_difference_p,
        string_agg(note, '; ') as note
    from {{ ref('published_results') }}
    where table_id <> 'table_2'
    group by table_id, column_id

),

fits as (

    select * from {{ ref('fct_model_fits') }}

),

coefficients as (

    select * from {{ ref('fct_coefficients') }}

),

-- The paper's own form: rows drawn, one tail.
differences as (

    select
        fits.table_id,
        split_part(fits.column_id, '_', 2) as column_id,
        least(differences.p_greater, differences.p_less) as difference_p
    from {{ ref('fct_group_differences') }} as differences
    inner join fits on differences.spec_id = fits.spec_id
    where differences.method = 'row_bootstrap' and differences.status = 'estimated'

),

slips as (

    select
        table_id,
        column_id,
        string_agg(finding, '; ' order by check_id) as slips
    from {{ ref('rpt_published_checks') }}
    where not is_consistent
    group by table_id, column_id

),

compared as (

    select
        published.*,
        fits.spec_id,
        fits.status,
        fits.reason,
        coefficients.estimate,
        coefficients.std_error,
        {{ stars('coefficients.p_value') }} as stars,
        fits.n_obs,
        coalesce(fits.r2_within, fits.r2) as r2,
        differences.difference_p,
        slips.slips
    from published
    left join fits
        on published.table_id = fits.table_id
            and published.column_id = fits.column_id
            and fits.design = 'twfe'
    left join differences
        on published.table_id = differences.table_id and published.column_id = differences.column_id
    left join slips
        on published.table_id = slips.table_id and published.column_id = slips.column_id
    left join coefficients
        on fits.spec_id = coefficients.spec_id and published.term = coefficients.term

),

final as (

    select
        table_id,
        column_id,
        spec_id,
        outcome,
        term,
        published_estimate,
        published_std_error,
        published_stars,
        estimate,
        std_error,
        case when estimate is not null then stars end as stars,
        sign(estimate) = sign(published_estimate) as is_same_sign,
        case when estimate is not null then stars = published_stars end as is_same_significance,
        -- Two independent estimates: the error of their difference holds both.
        (estimate - published_estimate) / sqrt(pow(std_error, 2) + pow(published_std_error, 2))
            as distance_in_std_errors,
        published_n_obs,
        n_obs,
        published_r2,
        r2,
        published_difference_p,
        difference_p,
        coalesce(status, 'no specification') as status,
        reason,
        slips,
        note,
        {{ data_origin() }} as data_origin
    from compared

)

select * from final
