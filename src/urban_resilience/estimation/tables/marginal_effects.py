"""Marginal effects along the moderator (grain: spec x percentile)."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.designs import interact
from urban_resilience.estimation.fit import NotEstimableError, picked, refusal
from urban_resilience.estimation.least_squares.inference import perfect_fit_reason
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.tables.schema import long_schema, table_of

MARGINAL_EFFECTS = long_schema(
    "spec_id treatment moderator status reason",
    "",
    "percentile moderator_value estimate std_error p_value conf_low conf_high sign_change",
)


def tabulate_marginal_effects(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Effect of the treatment along the moderator (grain: spec x percentile of the moderator)."""
    rows = []
    for spec in specs:
        shared = picked(spec, "spec_id", "treatment", "moderator")
        try:
            result = interact(spec, panel)
        except NotEstimableError as error:
            rows.append({**shared, **refusal(error)})
            continue
        state = {"status": result.status, "reason": result.reason}
        reason = perfect_fit_reason(result.fit, spec.outcome) or result.marginal_reason
        if reason:
            state = {"status": "not_estimable", "reason": reason}
        if reason or not result.marginal_effects:
            rows.append({**shared, **state})
            continue
        rows += [
            {
                **shared,
                **state,
                "sign_change": result.sign_change,
                **picked(point, "percentile", "moderator_value"),
                **picked(point.effect, "estimate", "std_error", "p_value", "conf_low", "conf_high"),
            }
            for point in result.marginal_effects
        ]
    return table_of(rows, MARGINAL_EFFECTS)
