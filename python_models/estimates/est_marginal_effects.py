"""Marginal effects along the moderator (grain: spec x percentile)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.marginal_effects import tabulate_marginal_effects


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of("interaction", dbt.ref("int_specs_checked").df())
    return tabulate_marginal_effects(specs, panel, timing)
