"""One coefficient by resampling: intervals by method, and the draws of placebos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.designs import coded_policy_sample
from urban_resilience.estimation.fit import NotEstimableError, picked, refusal
from urban_resilience.estimation.resampled_inference import (
    INFERENCE,
    ResampledInference,
    infer_by_placebo,
)
from urban_resilience.estimation.resampling import Placebo
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.specs import RegressionSpec
from urban_resilience.estimation.tables.schema import long_schema, table_of

INFERENCE_DESIGNS = (*INFERENCE, "placebo")

RESAMPLED_INFERENCE = long_schema(
    "spec_id design outcome treatment cluster method status reason lowest_without highest_without",
    "n_obs n_clusters n_singletons n_without_path draws failed_draws seed",
    "estimate std_error statistic p_greater p_less p_two_sided conf_low conf_high"
    " lowest_estimate highest_estimate",
)
PLACEBO_DRAWS = long_schema("spec_id", "draw", "estimate", "is_failed")


def tabulate_resampled_inference(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """One coefficient by several methods of inference (grain: spec x method)."""
    rows = []
    for spec in specs:
        shared = picked(spec, "spec_id", "design", "outcome", "treatment", "cluster")
        try:
            found = _infer(spec, panel, timing)
        except NotEstimableError as error:
            rows.append({**shared, **refusal(error)})
            continue
        rows += [{**shared, "status": "estimated", **asdict(item)} for item in found]
    return table_of(rows, RESAMPLED_INFERENCE)


def tabulate_placebo_draws(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Coefficients of shuffled treatments (grain: spec x draw); none where not estimable."""
    rows = []
    for spec in specs:
        try:
            _, placebo = _placebo(spec, panel, timing)
        except NotEstimableError:
            continue
        rows += [
            {
                "spec_id": spec.spec_id,
                "draw": number,
                "estimate": None if value != value else float(value),
                "is_failed": bool(value != value),
            }
            for number, value in enumerate(placebo.placebo_draws, start=1)
        ]
    return table_of(rows, PLACEBO_DRAWS)


def _infer(
    spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame
) -> list[ResampledInference]:
    if spec.design == "placebo":
        return _placebo(spec, panel, timing)[0]
    return INFERENCE[spec.design](spec, panel)


def _placebo(
    spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame
) -> tuple[list[ResampledInference], Placebo]:
    if spec.policy_id:
        sample = coded_policy_sample(spec, panel, timing)
    else:
        sample = select_sample(panel, spec.sample_filter)
    return infer_by_placebo(spec, sample, panel)
