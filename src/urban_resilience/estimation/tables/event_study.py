"""Leads and lags of pilot policies (grain: spec x estimator x event time)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.designs import left_out_in_words, policy_design, policy_sample
from urban_resilience.estimation.estimators.event_study import (
    TWO_WAY,
    EventStudyResult,
    fit_event_study,
)
from urban_resilience.estimation.estimators.sun_abraham import SUN_ABRAHAM, fit_sun_abraham
from urban_resilience.estimation.fit import NotEstimableError, picked, refusal
from urban_resilience.estimation.least_squares.inference import perfect_fit_reason
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.tables.schema import long_schema, table_of

EVENT_STUDY = long_schema(
    "spec_id estimator status reason left_out",
    "n_obs n_clusters n_singletons event_time n_rows n_units",
    "estimate std_error p_value conf_low conf_high pre_trend_f pre_trend_p_value"
    " mean_effect mean_effect_std_error mean_effect_p_value",
    "is_base is_binned",
)

# Estimators of leads and lags, by the name their rows carry.
EVENT_STUDIES = {TWO_WAY: fit_event_study, SUN_ABRAHAM: fit_sun_abraham}


def tabulate_event_study(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Leads and lags by two estimators (grain: spec x estimator x event time)."""
    rows = []
    for spec in specs:
        try:
            sample = policy_sample(spec, panel, timing)
        except NotEstimableError as error:
            shared = {**picked(spec, "spec_id"), **refusal(error)}
            rows += [{**shared, "estimator": name} for name in EVENT_STUDIES]
            continue
        pilots = left_out_in_words(spec, panel, timing)
        for estimate in EVENT_STUDIES.values():
            found = _event_rows(spec, estimate(sample, policy_design(spec, sample)))
            said = "; ".join(filter(None, (found[0]["left_out"], pilots))) or None
            rows += [{**row, "left_out": said} for row in found]
    return table_of(rows, EVENT_STUDY)


def _event_rows(spec: RegressionSpec, result: EventStudyResult) -> list[dict]:
    reason = perfect_fit_reason(result.fit, spec.outcome)
    if reason:
        # Nothing of it stands, the mean effect no more than the others.
        result = replace(result, status="not_estimable", reason=reason, points=())
        result = replace(result, average_effect=None, pre_trend=None)
    mean = result.average_effect
    shared = {
        **picked(spec, "spec_id"),
        **picked(result, "estimator", "status", "reason"),
        "mean_effect": mean.estimate if mean else None,
        "mean_effect_std_error": mean.std_error if mean else None,
        "mean_effect_p_value": mean.p_value if mean else None,
        "left_out": "; ".join(result.left_out) or None,
        **(picked(result.fit, "n_obs", "n_clusters", "n_singletons") if result.fit else {}),
        "pre_trend_f": result.pre_trend.statistic if result.pre_trend else None,
        "pre_trend_p_value": result.pre_trend.p_value if result.pre_trend else None,
    }
    if not result.points:
        return [shared]
    inference = ("estimate", "std_error", "p_value", "conf_low", "conf_high")
    return [
        {
            **shared,
            **picked(point, "event_time", "is_base", "is_binned", "n_rows", "n_units"),
            **(picked(point.coefficient, *inference) if point.coefficient else {}),
        }
        for point in result.points
    ]
