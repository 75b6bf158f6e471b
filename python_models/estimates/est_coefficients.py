"""Coefficients of every design of regression_specs that gives them (grain: spec x term)."""

from urban_resilience.estimation.designs import FITTERS
from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.coefficients import tabulate_coefficients


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of(tuple(FITTERS), dbt.ref("int_specs_checked").df())
    return tabulate_coefficients(specs, panel, timing)
