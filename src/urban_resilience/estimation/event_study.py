"""Event study with leads and lags of a staggered treatment, by two-way fixed effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.difference_in_differences import missing_dates
from urban_resilience.estimation.linear_model import (
    WaldTest,
    combine_terms,
    fit_linear,
    wald_test,
)
from urban_resilience.estimation.regression_sample import RegressionSample, draw_sample
from urban_resilience.estimation.results import Coefficient, Fit
from urban_resilience.estimation.treatment_timing import (
    EXCLUDED,
    TREATED,
    TREATMENT_YEAR,
    Cohort,
    code_treatment,
    count_units,
    tabulate_cohorts,
)

TWO_WAY = "two_way_fixed_effects"
FIRST_LEAD, LAST_LAG, BASE = -4, 5, -1
EVENT_TIME = "event_time"
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
        F test that all leads are zero; None where they are too many for the clusters.
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


def fit_event_study(
    frame: pd.DataFrame,
    *,
    outcome: str,
    first_year: str,
    partial_year: str | None = None,
    partial_rule: str = EXCLUDED,
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = ("year", "city_code"),
    clusters: Sequence[str] = ("city_code",),
    weights: str | None = None,
    unit: str = "city_code",
    time: str = "year",
    first_lead: int = FIRST_LEAD,
    last_lag: int = LAST_LAG,
    base: int = BASE,
) -> EventStudyResult:
    """Regress the outcome on dummies of event time, ends binned, and the effects.

    The estimator is the usual one. Where effects differ between cohorts a lead can pick up effects
    of other periods (Sun and Abraham 2021), so its pre-trend test can mislead:
    ``sun_abraham.fit_sun_abraham`` does not share the fault.

    Parameters
    ----------
    frame
        Unit-years x variables.
    outcome, controls, fixed_effects, clusters, weights, unit, time
        Column names, as in ``fit_difference_in_differences``.
    first_year, partial_year, partial_rule
        Dates and the fate of partial pilots (see ``code_treatment``).
    first_lead, last_lag
        Ends of the window; years beyond are in them.
    base
        The omitted event time, inside the window.

    Returns
    -------
    EventStudyResult
    """
    sample, reason = draw_event_sample(
        frame,
        outcome=outcome,
        first_year=first_year,
        partial_year=partial_year,
        partial_rule=partial_rule,
        controls=controls,
        fixed_effects=fixed_effects,
        clusters=clusters,
        weights=weights,
        unit=unit,
        time=time,
    )
    if reason:
        return EventStudyResult(TWO_WAY, "not_estimable", reason=reason)
    cohorts = tabulate_cohorts(sample.frame, unit=unit)
    event_time = sample.frame[EVENT_TIME].clip(first_lead, last_lag).to_numpy()
    seen = [int(value) for value in np.unique(event_time[~np.isnan(event_time)])]
    if base not in seen:
        reason = f"no treated unit is seen in the base year, event time {base}"
        return EventStudyResult(TWO_WAY, "not_estimable", reason=reason, cohorts=cohorts)
    dummies = {event_term(k): (event_time == k).astype(float) for k in seen if k != base}
    model = fit_linear(sample.with_columns(dummies), outcome, [*dummies, *controls])
    if model.fit.status != "estimated":
        return EventStudyResult(TWO_WAY, "not_estimable", reason=model.fit.reason, cohorts=cohorts)
    counts = {k: float((event_time == k).sum()) for k in seen}
    post = sum(count for k, count in counts.items() if k >= 0)
    shares = {event_term(k): count / post for k, count in counts.items() if k >= 0}
    by_term = {coefficient.term: coefficient for coefficient in model.fit.coefficients}
    points = tuple(
        EventPoint(
            event_time=k,
            is_binned=k in (first_lead, last_lag),
            is_base=k == base,
            coefficient=by_term.get(event_term(k)),
            n_rows=int(counts[k]),
            n_units=int(sample.frame.loc[event_time == k, unit].nunique()),
        )
        for k in seen
    )
    return EventStudyResult(
        estimator=TWO_WAY,
        status="estimated",
        fit=model.fit,
        points=points,
        pre_trend=wald_test(model, [{event_term(k): 1.0} for k in seen if k < base]),
        average_effect=combine_terms(model, shares, AVERAGE_EFFECT) if post else None,
        cohorts=cohorts,
    )


def draw_event_sample(
    frame: pd.DataFrame,
    *,
    outcome: str,
    first_year: str,
    partial_year: str | None,
    partial_rule: str,
    controls: Sequence[str],
    fixed_effects: Sequence[str],
    clusters: Sequence[str],
    weights: str | None,
    unit: str,
    time: str,
) -> tuple[RegressionSample, str | None]:
    """Code the treatment, keep the usable rows and add ``event_time`` (NaN for never treated).

    Returns
    -------
    tuple
        The sample, and the reason why it carries no event study, or None.
    """
    reason = missing_dates(frame, first_year, partial_year)
    if reason:
        return RegressionSample(pd.DataFrame(), np.empty(0)), reason
    coded = code_treatment(
        frame,
        first_year=first_year,
        partial_year=partial_year,
        partial_rule=partial_rule,
        time=time,
    )
    years = coded[time].astype(float)
    sample = draw_sample(
        coded.assign(**{EVENT_TIME: years - coded[TREATMENT_YEAR]}),
        numeric=[outcome, *controls],
        fixed_effects=fixed_effects,
        clusters=clusters,
        weights=weights,
        carried=[TREATMENT_YEAR, TREATED, EVENT_TIME, unit, time],
    )
    if sample.reason:
        return sample, sample.reason
    cohorts = tabulate_cohorts(sample.frame, unit=unit)
    if count_units(cohorts, "treated") == 0:
        return (
            sample,
            f"no unit of the sample is seen both before and after its date in {first_year}",
        )
    return sample, None


def event_term(event_time: int) -> str:
    """Name of a lead or lag, such as ``event_minus_3`` or ``event_plus_0``."""
    return f"event_{'minus' if event_time < 0 else 'plus'}_{abs(event_time)}"
