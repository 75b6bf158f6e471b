"""Coefficients of shuffled treatments (grain: spec x draw)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.resampled_inference import tabulate_placebo_draws


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of("placebo", dbt.ref("int_specs_checked").df())
    return tabulate_placebo_draws(specs, panel, timing)
