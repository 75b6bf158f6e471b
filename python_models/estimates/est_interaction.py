"""Centred interactions of treatment and moderator of regression_specs (grain: spec x term)."""

from urban_resilience.estimation.designs import fit
from urban_resilience.estimation.results import to_table
from urban_resilience.estimation.specs import specs_of


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of("interaction", dbt.ref("int_specs_checked").df())
    return to_table((spec, fit(spec, panel, timing)) for spec in specs)
