with fits as (

    select * from {{ ref('fct_model_fits') }}
    where table_id in ('robustness', 'iv', 'did', 'psm_did') and design <> 'event_study'

),

final as (

    select
        fits.table_id,
        fits.column_id,
        fits.spec_id,
        fits.note as what,
        fits.outcome,
        fits.treatment,
        fits.fixed_effects,
        fits.vcov_type,
        coefficients.estimate,
        coefficients.std_error,
        coefficients.p_value,
        case when coefficients.estimate is not null
            then printf('%.4f', coefficients.estimate) || {{ stars('coefficients.p_value') }}
                || printf(' (%.4f)', coefficients.std_error)
        end as cell,
        fits.n_obs,
        fits.n_clusters,
        coalesce(fits.r2_within, fits.r2) as r2,
        fits.status,
        fits.reason,
        {{ data_origin() }} as data_origin
    from fits
    left join {{ ref('fct_coefficients') }} as coefficients
        on fits.spec_id = coefficients.spec_id and fits.treatment = coefficients.term

)

select * from final
