with coefficients as (

    select * from {{ ref('est_coefficients') }}

),

specifications as (

    select * from {{ ref('int_specs_checked') }}

),

-- A specification is matched once; what that found is a list in its first row.
balances as (

    select
        spec_id,
        unnest(covariate_balance) as balance
    from coefficients

),

final as (

    select
        balances.spec_id,
        specifications.matching,
        balances.balance.variable,
        balances.balance.stage,
        balances.balance.status,
        balances.balance.reason,
        balances.balance.n_treated,
        balances.balance.n_control,
        balances.balance.mean_treated,
        balances.balance.mean_control,
        balances.balance.standardized_bias,
        balances.balance.variance_ratio,
        balances.balance.pseudo_r2,
        balances.balance.lr_statistic,
        balances.balance.lr_df,
        balances.balance.lr_p_value,
        balances.balance.mean_absolute_bias,
        balances.balance.max_absolute_bias,
        {{ data_origin() }} as data_origin
    from balances
    inner join specifications on balances.spec_id = specifications.spec_id

)

select * from final
