"""Difference-in-differences on a matched sample (PSM-DID)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from urban_resilience.estimation.difference_in_differences import (
    DifferenceInDifferencesResult,
    fit_difference_in_differences,
    missing_dates,
)
from urban_resilience.estimation.matching.matched_sample import (
    PRE_PERIOD,
    WEIGHT,
    MatchedSample,
    attach_weights,
    match_units,
)
from urban_resilience.estimation.matching.rules import MatchingRule
from urban_resilience.estimation.treatment_timing import EXCLUDED, code_treatment


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
    *,
    outcome: str,
    first_year: str,
    rule: MatchingRule,
    covariates: Sequence[str],
    partial_year: str | None = None,
    partial_rule: str = EXCLUDED,
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = ("year", "city_code"),
    clusters: Sequence[str] = ("city_code",),
    pre_period: tuple[int, int] = PRE_PERIOD,
    unit: str = "city_code",
    time: str = "year",
) -> MatchedDifferenceInDifferencesResult:
    """Match, weight, and estimate the two-way difference-in-differences.

    Parameters
    ----------
    frame
        Unit-years x variables.
    rule, covariates, pre_period
        As in ``match_units``.
    outcome, first_year, partial_year, partial_rule, controls, fixed_effects, clusters, unit, time
        As in ``fit_difference_in_differences``.

    Returns
    -------
    MatchedDifferenceInDifferencesResult
        Standard errors take the matching weights as given.
    """
    reason = missing_dates(frame, first_year, partial_year)
    if reason:
        return MatchedDifferenceInDifferencesResult("not_estimable", reason=reason)
    dates = {"first_year": first_year, "partial_year": partial_year, "partial_rule": partial_rule}
    coded = code_treatment(frame, **dates, time=time)
    matched = match_units(
        coded, covariates=covariates, rule=rule, pre_period=pre_period, unit=unit, time=time
    )
    if matched.status != "matched":
        return MatchedDifferenceInDifferencesResult("not_estimable", matched.reason, matched)
    estimate = fit_difference_in_differences(
        attach_weights(frame, matched, unit=unit, time=time),
        outcome=outcome,
        **dates,
        controls=controls,
        fixed_effects=fixed_effects,
        clusters=clusters,
        weights=WEIGHT,
        unit=unit,
        time=time,
    )
    return MatchedDifferenceInDifferencesResult(estimate.status, estimate.reason, matched, estimate)
