with estimates as (

    select * from {{ ref('est_twfe') }}

),

final as (

    select distinct
        spec_id,
        table_id,
        column_id,
        design,
        estimator,
        outcome,
        treatment,
        controls,
        fixed_effects,
        cluster,
        sample_filter,
        status,
        reason,
        n_obs,
        n_clusters,
        n_singletons,
        r2,
        r2_within,
        vcov_type,
        library_versions,
        {{ data_origin() }} as data_origin
    from estimates

)

select * from final
