"""What matching found: balance of covariates, and the units with their scores and weights.

Both are lists in the row of a matched specification (``est_coefficients``): it is matched once.
"""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from urban_resilience.estimation.estimators.matching.matched_did import (
    MatchedDifferenceInDifferencesResult,
)
from urban_resilience.estimation.estimators.matching.profiles import EVER_TREATED
from urban_resilience.estimation.fit import picked
from urban_resilience.estimation.tables.schema import long_schema

COVARIATE_BALANCE = long_schema(
    "variable stage status reason",
    "n_treated n_control lr_df",
    "mean_treated mean_control standardized_bias variance_ratio pseudo_r2 lr_statistic lr_p_value"
    " mean_absolute_bias max_absolute_bias",
)
MATCHED_UNITS = long_schema(
    "city_code status reason left_out_reason",
    "year cohort n_profile_years",
    "propensity matching_weight",
    "is_ever_treated is_on_support",
)
JOINT = (
    *("n_treated", "n_control", "pseudo_r2", "lr_statistic", "lr_df", "lr_p_value"),
    *("mean_absolute_bias", "max_absolute_bias"),
)


def balance_rows(result: MatchedDifferenceInDifferencesResult) -> list[dict]:
    """Balance before and after matching, one row per stage and covariate.

    One row with the reason alone where nothing could be scored.
    """
    state, matched = _state(result), result.matched
    if matched is None or matched.balance is None:
        return [state]
    joint = {item.stage: item for item in matched.balance.joint}
    return [
        {**state, **picked(joint[item.stage], *JOINT), **asdict(item)}
        for item in matched.balance.covariates
    ]


def unit_rows(result: MatchedDifferenceInDifferencesResult) -> list[dict]:
    """Scores and weights of every unit, and why one has none.

    One row per city, x year where years are matched, x cohort where each has its own window; one
    row with the reason alone where nothing could be matched.
    """
    state, matched = _state(result), result.matched
    parts = [] if matched is None else [matched.units, matched.lost]
    rows = [
        {"matching_weight": 0.0, **state, **unit}
        for part in parts
        if part is not None
        for unit in _records(part)
    ]
    return rows or [state]


def _records(part: pd.DataFrame) -> list[dict]:
    units = part.rename(columns={EVER_TREATED: "is_ever_treated"})
    return units[[name for name in MATCHED_UNITS.names if name in units.columns]].to_dict("records")


def _state(result: MatchedDifferenceInDifferencesResult) -> dict:
    return picked(result if result.matched is None else result.matched, "status", "reason")
