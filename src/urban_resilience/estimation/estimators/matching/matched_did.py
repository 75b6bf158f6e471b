"""Difference-in-differences on a matched sample (PSM-DID)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from urban_resilience.estimation.estimators.difference_in_differences import (
    DifferenceInDifferencesResult,
    fit_difference_in_differences,
)
from urban_resilience.estimation.estimators.matching.matched_sample import (
    WEIGHT,
    MatchedSample,
    attach_weights,
    match_units,
)
from urban_resilience.estimation.estimators.matching.rules import MatchingRule
from urban_resilience.estimation.estimators.treatment_timing import (
    EVENT_TIME,
    PolicyDesign,
    code_treatment,
    draw_policy_rows,
    missing_dates,
)


@dataclass(frozen=True, eq=False)
class MatchedDifferenceInDifferencesResult:
    """The weighted estimate beside the matching it rests on.

    ``matched`` is there whenever matching was tried, ``estimate`` whenever it succeeded.
    """

    status: str
    reason: str | None = None
    matched: MatchedSample | None = None
    estimate: DifferenceInDifferencesResult | None = None


def fit_matched_difference_in_differences(
    frame: pd.DataFrame,
    design: PolicyDesign,
    *,
    rule: MatchingRule,
    covariates: Sequence[str],
    window: str = "",
) -> MatchedDifferenceInDifferencesResult:
    """Match, weight, and estimate the two-way difference-in-differences.

    Parameters
    ----------
    frame, design
        Unit-years x variables, and what to read of them; the weights are those of the matching.
    rule, covariates, window
        As in ``match_units``.

    Returns
    -------
    MatchedDifferenceInDifferencesResult
        Standard errors take the matching weights as given.
    """
    reason = missing_dates(frame, design)
    if reason:
        return MatchedDifferenceInDifferencesResult("not_estimable", reason=reason)
    keys = {"unit": design.unit, "time": design.time}
    coded = code_treatment(frame, design).assign(**{EVENT_TIME: float("nan")})
    # A unit that the regression will drop must not be the match of one that it keeps.
    usable = draw_policy_rows(coded, design)
    matched = match_units(
        coded,
        covariates=covariates,
        rule=rule,
        window=window,
        usable=None if usable.reason else usable.frame,
        **keys,
    )
    if matched.status != "matched":
        return MatchedDifferenceInDifferencesResult("not_estimable", matched.reason, matched)
    weighted = attach_weights(frame, matched, **keys)
    estimate = fit_difference_in_differences(weighted, replace(design, weights=WEIGHT))
    return MatchedDifferenceInDifferencesResult(estimate.status, estimate.reason, matched, estimate)
