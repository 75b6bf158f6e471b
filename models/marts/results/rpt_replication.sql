{# Every published coefficient beside ours. On simulated data agreement is by construction. #}
{% set published_value = "max(value) filter (where statistic = '" %}
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
        coalesce(fits.r2_within, fits.r2) as r2
    from published
    left join fits
        on published.table_id = fits.table_id
            and published.column_id = fits.column_id
            and fits.design = 'twfe'
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
        coalesce(status, 'no specification') as status,
        reason,
        note,
        {{ data_origin() }} as data_origin
    from compared

)

select * from final
