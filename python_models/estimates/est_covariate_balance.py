"""Balance before and after matching (grain: spec x stage x covariate)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.matching import tabulate_covariate_balance


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of("psm_did", dbt.ref("int_specs_checked").df())
    return tabulate_covariate_balance(specs, panel, timing)
