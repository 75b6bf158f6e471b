"""Differences of a coefficient between two groups (grain: spec x method)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.estimators.group_differences import (
    METHODS,
    GroupComparison,
    GroupDifference,
    compare_by,
)
from urban_resilience.estimation.fit import NotEstimableError, picked, refusal
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.tables.schema import long_schema, table_of

GROUP_DIFFERENCES = long_schema(
    "spec_id table_id outcome treatment group_column method status reason",
    "n_obs_group_1 n_obs_group_0 n_clusters n_singletons draws failed_draws seed",
    "difference estimate_group_1 estimate_group_0 p_greater p_less p_two_sided std_error"
    " conf_low conf_high",
).append(pa.field("null_draws", pa.list_(pa.float64())))


def tabulate_group_differences(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Compare the treatment's coefficient between two groups (grain: spec x method).

    The group is the specification's ``moderator``: a true-or-false column of the panel.
    ``null_draws`` are the differences under equality, null where a draw failed; none without draws.
    """
    rows = []
    for spec in specs:
        shared = {
            **picked(spec, "spec_id", "table_id", "outcome", "treatment"),
            "group_column": spec.moderator,
        }
        draws, seed = spec.drawing
        try:
            sample = select_sample(panel, spec.sample_filter)
            comparison = GroupComparison.from_frame(
                sample.assign(**{spec.moderator: sample[spec.moderator].astype(float)}),
                outcome=spec.outcome,
                treatment=spec.treatment,
                group=spec.moderator,
                controls=spec.controls,
                effects=spec.effects_beside_city,
            )
        except NotEstimableError as error:
            rows += [{**shared, **refusal(error), "method": method} for method in METHODS]
            continue
        rows += [{**shared, **_compared(method, comparison, draws, seed)} for method in METHODS]
    return table_of(rows, GROUP_DIFFERENCES)


def _compared(method: str, comparison: GroupComparison, draws: int, seed: int) -> dict[str, Any]:
    """Compare by one method; what this one cannot do another may."""
    try:
        found = compare_by(method, comparison, draws, seed)
    except NotEstimableError as error:
        return {**refusal(error), "method": method}
    return {"status": "estimated", **asdict(found), "null_draws": _drawn(found)}


def _drawn(item: GroupDifference) -> list[float | None] | None:
    """Draws of a method as SQL has them; nothing for a method that makes none."""
    values = [value if np.isfinite(value) else None for value in item.null_draws]
    return values or None
