"""What stands beside an estimate so that it can be doubted: rows lost, clusters, pre-trends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from urban_resilience.estimation.estimators.event_study import EventStudyResult, fit_event_study
from urban_resilience.estimation.estimators.sun_abraham import fit_sun_abraham
from urban_resilience.estimation.estimators.treatment_timing import PolicyDesign
from urban_resilience.estimation.fit import Fit


def with_lost_rows(
    fit: Fit, selected: pd.DataFrame, names: Sequence[str], weights: str, others: str
) -> Fit:
    """Say how many rows the sample filter selects, and where the regression lost some of them.

    Parameters
    ----------
    fit
        Of the regression; one without a count of rows stays as it is.
    selected
        Rows that satisfy the filter.
    names
        Columns that a row must have: variables, effects and clusters; empty names are passed over.
    weights
        Of them the one that must be positive, or empty.
    others
        What else the design leaves out, in words; empty where it is nothing.
    """
    if fit.n_obs is None:
        return fit
    listed = [name for name in dict.fromkeys(names) if name in selected.columns]
    missing = {name: int(selected[name].isna().sum()) for name in listed}
    has_all = selected[listed].notna().all(axis=1)
    incomplete = int((~has_all).sum())
    parts = [f"{count:,} without {name}" for name, count in missing.items() if count]
    if len(parts) > 1:
        parts[-1] += f" ({incomplete:,} rows together)"
    weightless = 0
    if weights in listed:
        weightless = int((has_all & ~(selected[weights] > 0).fillna(False)).sum())
    if weightless:
        parts.append(f"{weightless:,} without a positive {weights}")
    singletons = fit.n_singletons or 0
    separated = fit.diagnostics.n_separated or 0
    if separated:
        parts.append(f"{separated:,} in levels of an effect with nothing but edge outcomes")
    if singletons:
        parts.append(f"{singletons:,} alone in a level of an effect")
    rest = len(selected) - incomplete - weightless - singletons - separated - fit.n_obs
    if rest > 0 and others and fit.n_obs:
        parts.append(f"{rest:,} {others}")
    return replace(fit, n_selected=len(selected), rows_left_out="; ".join(parts) or None)


def with_policy_diagnostics(fit: Fit, frame: pd.DataFrame, design: PolicyDesign) -> Fit:
    """Add the pre-trend tests of an estimate on a policy.

    Parameters
    ----------
    fit
        Two-way effects of the policy.
    frame, design
        Rows and columns that it was estimated on, with the weights of a matched sample.
    """
    if fit.status != "estimated":
        return fit
    two_way, cohorts = (study(frame, design) for study in (fit_event_study, fit_sun_abraham))
    reason = two_way.reason or (None if two_way.pre_trend else _why_untested(two_way))
    found: dict[str, Any] = {
        "pre_trend_p_value": two_way.pre_trend.p_value if two_way.pre_trend else None,
        "pre_trend_p_value_cohorts": cohorts.pre_trend.p_value if cohorts.pre_trend else None,
        "no_pre_trend": reason,
    }
    return replace(fit, diagnostics=replace(fit.diagnostics, **found))


def _why_untested(study: EventStudyResult) -> str:
    if all(point.is_base for point in study.points if point.event_time < 0):
        return "no year before treatment is seen but the base year"
    return "more leads than clusters"
