"""What matching found: balance of covariates, and the units with their scores and weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.designs import match
from urban_resilience.estimation.estimators.matching.matched_sample import MatchedSample
from urban_resilience.estimation.estimators.matching.profiles import EVER_TREATED
from urban_resilience.estimation.fit import NotEstimableError, picked, refusal
from urban_resilience.estimation.specs import RegressionSpec
from urban_resilience.estimation.tables.schema import long_schema, table_of

COVARIATE_BALANCE = long_schema(
    "spec_id matching variable stage status reason",
    "n_treated n_control",
    "mean_treated mean_control standardized_bias variance_ratio pseudo_r2",
)


MATCHED_UNITS = long_schema(
    "spec_id matching city_code status reason left_out_reason",
    "year cohort n_profile_years",
    "propensity matching_weight",
    "is_ever_treated is_on_support",
)


def tabulate_covariate_balance(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Balance before and after matching (grain: spec x stage x covariate)."""
    rows = []
    for shared, matched in _matches(specs, panel, timing):
        if matched is None or matched.balance is None:
            rows.append(shared)
            continue
        joint = {item.stage: item for item in matched.balance.joint}
        for item in matched.balance.covariates:
            whole = picked(joint[item.stage], "n_treated", "n_control", "pseudo_r2")
            rows.append({**shared, **whole, **asdict(item)})
    return table_of(rows, COVARIATE_BALANCE)


def tabulate_matched_units(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Scores and weights of every unit, and why one has none.

    Grain: spec x city, x year where years are matched, x cohort where each has its own window.
    """
    rows = []
    for shared, matched in _matches(specs, panel, timing):
        parts = [] if matched is None else [matched.units, matched.lost]
        found = [part for part in parts if part is not None and len(part)]
        if not found:
            rows.append(shared)
        for part in found:
            units = part.rename(columns={EVER_TREATED: "is_ever_treated"})
            wanted = [name for name in MATCHED_UNITS.names if name in units.columns]
            rows += [
                {"matching_weight": 0.0, **shared, **u} for u in units[wanted].to_dict("records")
            ]
    return table_of(rows, MATCHED_UNITS)


def _matches(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> Iterator[tuple[dict, MatchedSample | None]]:
    """Yield what every row of a specification says, and its matches; none where it has no dates."""
    for spec in specs:
        shared = picked(spec, "spec_id", "matching")
        try:
            result = match(spec, panel, timing)
        except NotEstimableError as error:
            yield {**shared, **refusal(error)}, None
            continue
        state = result if result.matched is None else result.matched
        yield {**shared, **picked(state, "status", "reason")}, result.matched
