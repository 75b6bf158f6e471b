{# Each row of regression_specs has exactly one model fit, estimated or not, and no fit is without a
   row. Where the design is a regression, an estimated one has its treatment among the coefficients. #}
with specs as (

    select spec_id from {{ ref('regression_specs') }}

),

fits as (

    select
        spec_id,
        count(*) as fits,
        bool_or(status = 'estimated') as is_estimated,
        max(treatment) as treatment,
        max(design) in ('twfe', 'iv', 'did', 'psm_did') as is_regression
    from {{ ref('fct_model_fits') }}
    group by spec_id

),

treatments as (

    select distinct
        spec_id,
        term
    from {{ ref('fct_coefficients') }}

)

select
    coalesce(specs.spec_id, fits.spec_id) as spec_id,
    specs.spec_id is not null as is_specified,
    coalesce(fits.fits, 0) as fits,
    treatments.term is not null as has_treatment
from specs
full outer join fits on specs.spec_id = fits.spec_id
left join treatments on fits.spec_id = treatments.spec_id and fits.treatment = treatments.term
where
    specs.spec_id is null
    or coalesce(fits.fits, 0) <> 1
    or (fits.is_regression and fits.is_estimated <> (treatments.term is not null))
