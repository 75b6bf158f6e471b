{# What the paper says of each coefficient beside ours, printed or in words. On simulated data agreement is
   by construction. #}
{% set published_value = "max(value) filter (where statistic = '" %}
{{ behind_gate('results') }}
with published_results as (

    select * from {{ ref('published_results') }}
    -- What describes a variable belongs to no regression.
    where column_id is not null

),

fits as (

    select * from {{ ref('fct_model_fits') }}

),

coefficients as (

    select * from {{ ref('fct_coefficients') }}

),

diagnostics as (

    select * from {{ ref('fct_fit_diagnostics') }}

),

variables as (

    select * from {{ ref('panel_variables') }}

),

group_differences as (

    select * from {{ ref('fct_group_differences') }}

),

published_checks as (

    select * from {{ ref('rpt_published_checks') }}

),

-- What belongs to a column as a whole.
published_columns as (

    select
        table_id,
        column_id,
        {{ published_value }}n_obs')::bigint as published_n_obs,
        {{ published_value }}r2') as published_r2,
        {{ published_value }}p_value') as published_difference_p
    from published_results
    group by table_id, column_id

),

published as (

    select
        table_id,
        column_id,
        term,
        any_value(outcome) as outcome,
        {{ published_value }}estimate') as published_estimate,
        {{ published_value }}std_error') as published_std_error,
        case when count(*) filter (where statistic = 'estimate') > 0
            then coalesce(any_value(stars) filter (where statistic = 'estimate'), '')
        end as published_stars,
        coalesce(
            {{ published_value }}sign'),
            sign({{ published_value }}estimate'))
        ) as published_sign,
        {{ published_value }}is_significant') = 1 as is_claimed_significant,
        case when count(*) filter (where statistic = 'estimate') > 0 then 'printed' else 'in words' end as form,
        string_agg(distinct note, '; ') as note
    from published_results
    where statistic in ('estimate', 'std_error', 'sign', 'is_significant')
    group by table_id, column_id, term

),

-- The paper's own form: rows drawn, one tail.
differences as (

    select
        fits.table_id,
        split_part(fits.column_id, '_', 2) as column_id,
        least(differences.p_greater, differences.p_less) as difference_p
    from group_differences as differences
    inner join fits on differences.spec_id = fits.spec_id
    where differences.method = 'row_bootstrap' and differences.status = 'estimated'

),

checks as (

    select
        table_id,
        column_id,
        string_agg(finding, '; ' order by check_id) filter (where not is_consistent) as slips,
        string_agg(check_id, ' ' order by check_id) filter (where is_consistent) as checks_passed
    from published_checks
    group by table_id, column_id

),

compared as (

    select
        published.*,
        published_columns.published_n_obs,
        published_columns.published_r2,
        published_columns.published_difference_p,
        fits.spec_id,
        fits.status,
        fits.reason,
        coefficients.estimate,
        coefficients.std_error,
        coefficients.p_value,
        {{ stars('coefficients.p_value') }} as stars,
        fits.n_obs,
        coalesce(fits.r2_within, fits.r2) as r2,
        differences.difference_p,
        checks.slips,
        checks.checks_passed,
        diagnostics.remark,
        coalesce(outcomes.unit = outcomes.unit_of_print and terms.unit = terms.unit_of_print, false) as is_same_unit
    from published
    inner join published_columns
        on published.table_id = published_columns.table_id and published.column_id = published_columns.column_id
    -- Another kind of evidence, such as a difference of groups, may stand in the same place.
    left join fits
        on published.table_id = fits.table_id
            and published.column_id = fits.column_id
            and (
                fits.design in ('twfe', 'iv', 'did', 'psm_did', 'interaction')
                or published.form = 'in words'
            )
    left join differences
        on published.table_id = differences.table_id and published.column_id = differences.column_id
    left join checks
        on published.table_id = checks.table_id and published.column_id = checks.column_id
    left join coefficients
        on fits.spec_id = coefficients.spec_id and published.term = coefficients.term
    left join diagnostics on fits.spec_id = diagnostics.spec_id
    left join variables as outcomes on published.outcome = outcomes.variable
    left join variables as terms on published.term = terms.variable

),

final as (

    select
        table_id,
        column_id,
        (row_number() over (
            partition by table_id
            order by
                regexp_extract(column_id, '^[A-Z]*'),
                try_cast(regexp_extract(column_id, '[0-9]+$') as integer),
                length(term),
                term
        ))::integer as position,
        form,
        spec_id,
        outcome,
        term,
        published_estimate,
        published_std_error,
        published_stars,
        published_sign::integer as published_sign,
        coalesce(is_claimed_significant, published_stars <> '') as published_is_significant,
        estimate,
        std_error,
        case when estimate is not null then stars end as stars,
        sign(estimate) = published_sign as is_same_sign,
        case
            when estimate is null then null
            when form = 'printed' then stars = published_stars
            else (p_value < 0.10) = is_claimed_significant
        end as is_same_significance,
        -- Two independent estimates: the error of their difference holds both. Sizes in different units,
        -- or in units that the paper does not state, have no distance.
        case
            when is_same_unit
                then (estimate - published_estimate) / sqrt(pow(std_error, 2) + pow(published_std_error, 2))
        end as distance_in_std_errors,
        is_same_unit,
        published_n_obs,
        n_obs,
        published_r2,
        r2,
        published_difference_p,
        difference_p,
        coalesce(status, 'no specification') as status,
        reason,
        slips,
        checks_passed,
        remark,
        note,
        {{ data_origin() }} as data_origin
    from compared

)

select * from final
order by table_id, position
