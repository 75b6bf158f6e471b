"""One coefficient by resampling: intervals by method, and the draws of placebos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.designs import coded_policy_sample
from urban_resilience.estimation.fit import NotEstimableError, picked, refusal
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.resampled_inference import INFERENCE, infer_by_placebo
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.tables.schema import long_schema, table_of

INFERENCE_DESIGNS = (*INFERENCE, "placebo")

SCHEMA = long_schema(
    "spec_id design outcome treatment cluster method status reason lowest_without highest_without",
    "n_obs n_clusters n_singletons n_without_path draws failed_draws seed",
    "estimate std_error statistic p_greater p_less p_two_sided conf_low conf_high"
    " lowest_estimate highest_estimate",
).append(pa.field("placebo_draws", pa.list_(pa.float64())))


def tabulate_resampled_inference(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """One coefficient by several methods of inference (grain: spec x method).

    ``placebo_draws`` are the coefficients of shuffled treatments, in the order of their drawing, in
    the row of that method; null where a shuffled treatment had no variation left.
    """
    rows = []
    for spec in specs:
        shared = picked(spec, "spec_id", "design", "outcome", "treatment", "cluster")
        try:
            found = _infer(spec, panel, timing)
        except NotEstimableError as error:
            rows.append({**shared, **refusal(error)})
            continue
        rows += [{**shared, "status": "estimated", **row} for row in found]
    return table_of(rows, SCHEMA)


def _infer(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> list[dict]:
    if spec.design != "placebo":
        return [asdict(item) for item in INFERENCE[spec.design](spec, panel)]
    if spec.policy_id:
        sample = coded_policy_sample(spec, panel, timing)
    else:
        sample = select_sample(panel, spec.sample_filter)
    (baseline, shuffled), placebo = infer_by_placebo(spec, sample, panel)
    draws = [None if value != value else float(value) for value in placebo.placebo_draws]
    return [asdict(baseline), {**asdict(shuffled), "placebo_draws": draws}]
