"""Bootstrap, wild bootstrap, jackknife and placebo of one coefficient (grain: spec x method)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.resampled_inference import (
    INFERENCE_DESIGNS,
    tabulate_resampled_inference,
)


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of(INFERENCE_DESIGNS, dbt.ref("int_specs_checked").df())
    return tabulate_resampled_inference(specs, panel, timing)
