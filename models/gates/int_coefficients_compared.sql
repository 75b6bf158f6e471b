{# Every coefficient with what its fit says about inference, and what was published before. #}
with coefficients as (

    select * from {{ ref('fct_coefficients') }}

),

fits as (

    select * from {{ ref('fct_model_fits') }}

),

published as (

    select * from {{ source('published', 'fct_coefficients') }}

),

final as (

    select
        coefficients.spec_id,
        coefficients.term,
        coefficients.estimate,
        coefficients.std_error,
        coefficients.statistic,
        coefficients.p_value,
        coefficients.conf_low,
        coefficients.conf_high,
        fits.n_clusters,
        coefficients.term = fits.treatment as is_treatment,
        published.estimate as published_estimate,
        published.std_error as published_std_error,
        abs(coefficients.estimate - published.estimate) / published.std_error as change_in_std_errors
    from coefficients
    inner join fits on coefficients.spec_id = fits.spec_id
    left join published
        on coefficients.spec_id = published.spec_id and coefficients.term = published.term

)

select * from final
