{# Every fit, and whether it could be estimated in the published build. #}
with fits as (

    select * from {{ ref('fct_model_fits') }}

),

published as (

    select * from {{ source('published', 'fct_model_fits') }}

),

final as (

    select
        fits.spec_id,
        fits.status,
        fits.reason,
        fits.n_obs,
        fits.n_clusters,
        fits.r2,
        published.status as published_status,
        fits.status = 'not_estimable' and coalesce(published.status = 'estimated', false) as is_lost
    from fits
    left join published on fits.spec_id = published.spec_id

)

select * from final
