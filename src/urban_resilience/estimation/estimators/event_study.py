"""Event study with leads and lags of a staggered treatment, by two-way fixed effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.estimators.treatment_timing import (
    EVENT_TIME,
    Cohort,
    PolicyDesign,
    draw_policy_sample,
    tabulate_cohorts,
)
from urban_resilience.estimation.fit import Coefficient, Fit
from urban_resilience.estimation.least_squares.linear_model import (
    WaldTest,
    combine_terms,
    fit_linear,
    wald_test,
)

TWO_WAY = "two_way_fixed_effects"
AVERAGE_EFFECT = "average_effect"


@dataclass(frozen=True)
class EventPoint:
    """The estimate at one distance from treatment.

    Attributes
    ----------
    event_time
        Years since the first treated year (0), negative before it.
    is_binned
        The end of the window: all years further out are in it.
    is_base
        The year that estimates are relative to: ``coefficient`` is None.
    coefficient
        Estimate with its inference.
    n_rows, n_units
        Treated unit-years and units behind it.
    """

    event_time: int
    is_binned: bool
    is_base: bool
    coefficient: Coefficient | None
    n_rows: int
    n_units: int


@dataclass(frozen=True)
class EventStudyResult:
    """Leads and lags, their joint test, and the mean effect.

    Attributes
    ----------
    estimator
        ``two_way_fixed_effects`` or ``sun_abraham``.
    points
        In order of event time, the base among them.
    pre_trend
        F test that all leads are zero, whichever of them is the base; None where there is no other,
        or where they are too many for the clusters.
    average_effect
        Mean over treated unit-years of the estimates at their event time.
    cohorts
        Of the rows used.
    left_out
        Units that cannot be used, in words: always treated ones, cohorts that are too small.
    """

    estimator: str
    status: str
    reason: str | None = None
    fit: Fit | None = None
    points: tuple[EventPoint, ...] = ()
    pre_trend: WaldTest | None = None
    average_effect: Coefficient | None = None
    cohorts: tuple[Cohort, ...] = ()
    left_out: tuple[str, ...] = ()


def fit_event_study(frame: pd.DataFrame, design: PolicyDesign) -> EventStudyResult:
    """Regress the outcome on dummies of event time and the effects.

    The estimator is the usual one. Where effects differ between cohorts a lead can pick up effects
    of other periods (Sun and Abraham 2021), so its pre-trend test can mislead:
    ``sun_abraham.fit_sun_abraham`` does not share the fault.

    Parameters
    ----------
    frame, design
        Unit-years x variables, and what to read of them: ``design.window`` has the ends of the
        window, the omitted event time, and what becomes of years beyond.
    """
    window = design.window
    first_lead, last_lag, base = window.first_lead, window.last_lag, window.base
    sample, reason = draw_policy_sample(frame, design, trimmed=not window.is_binned)
    if reason:
        return EventStudyResult(TWO_WAY, "not_estimable", reason=reason)
    cohorts = tabulate_cohorts(sample.frame, unit=design.unit)
    event_time = sample.frame[EVENT_TIME].clip(first_lead, last_lag).to_numpy()
    seen = [int(value) for value in np.unique(event_time[~np.isnan(event_time)])]
    if base not in seen:
        reason = f"no treated unit is seen in the base year, event time {base}"
        return EventStudyResult(TWO_WAY, "not_estimable", reason=reason, cohorts=cohorts)
    dummies = {event_term(k): (event_time == k).astype(float) for k in seen if k != base}
    model = fit_linear(sample.with_columns(dummies), design.outcome, [*dummies, *design.controls])
    if model.fit.status != "estimated":
        return EventStudyResult(TWO_WAY, "not_estimable", reason=model.fit.reason, cohorts=cohorts)
    leads = [k for k in seen if k < 0 and k != base]
    counts = {k: float((event_time == k).sum()) for k in seen}
    post = sum(count for k, count in counts.items() if k >= 0)
    shares = {event_term(k): count / post for k, count in counts.items() if k >= 0}
    by_term = {coefficient.term: coefficient for coefficient in model.fit.coefficients}
    points = tuple(
        EventPoint(
            event_time=k,
            is_binned=window.is_binned and k in (first_lead, last_lag),
            is_base=k == base,
            coefficient=by_term.get(event_term(k)),
            n_rows=int(counts[k]),
            n_units=int(sample.frame.loc[event_time == k, design.unit].nunique()),
        )
        for k in seen
    )
    return EventStudyResult(
        estimator=TWO_WAY,
        status="estimated",
        fit=model.fit,
        points=points,
        pre_trend=wald_test(model, [{event_term(k): 1.0} for k in leads]),
        average_effect=combine_terms(model, shares, AVERAGE_EFFECT) if post else None,
        cohorts=cohorts,
    )


def event_term(event_time: int) -> str:
    """Name of a lead or lag, such as ``event_minus_3`` or ``event_plus_0``."""
    return f"event_{'minus' if event_time < 0 else 'plus'}_{abs(event_time)}"
