"""Event study that is robust to effects that differ between cohorts (Sun and Abraham 2021).

Every cohort gets its own effect at every event time, estimated against units that are never
treated; the effects at one event time are then averaged with the cohorts' shares of its rows. No
effect of another period enters, as it does in a two-way event study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from urban_resilience.estimation.estimators.event_study import (
    AVERAGE_EFFECT,
    EventPoint,
    EventStudyResult,
    event_term,
)
from urban_resilience.estimation.estimators.event_window import EventWindow
from urban_resilience.estimation.estimators.treatment_timing import (
    EVENT_TIME,
    TREATED,
    TREATMENT_YEAR,
    PolicyDesign,
    draw_policy_rows,
    draw_policy_sample,
    tabulate_cohorts,
)
from urban_resilience.estimation.least_squares.linear_model import (
    combine_terms,
    fit_linear,
    wald_test,
)
from urban_resilience.estimation.least_squares.regression_sample import RegressionSample

SUN_ABRAHAM = "sun_abraham"
# Cohorts with fewer units are left out.
MIN_COHORT_UNITS = 3


@dataclass(frozen=True)
class _Cell:
    """Rows of one cohort at one event time."""

    cohort: int
    event_time: int
    n_rows: int

    @property
    def term(self) -> str:
        return f"cohort_{self.cohort}_{event_term(self.event_time)}"


def fit_sun_abraham(frame: pd.DataFrame, design: PolicyDesign) -> EventStudyResult:
    """Estimate the interaction-weighted event study.

    Parameters
    ----------
    frame, design
        As in ``fit_event_study``; years beyond a binned window are estimated one by one and
        averaged in its end points.

    Returns
    -------
    EventStudyResult
        ``left_out`` names what could not be used. Standard errors take the cohort shares as given.

    Notes
    -----
    Controls are units never treated in the sample. Where there is none, the last cohort stands in
    and rows from its first treated year on are dropped, as the authors propose.
    """
    shown = design.window
    first_lead, last_lag, base = shown.first_lead, shown.last_lag, shown.base
    drawn, reason = draw_policy_sample(frame, design, trimmed=not shown.is_binned)
    if reason:
        return EventStudyResult(SUN_ABRAHAM, "not_estimable", reason=reason)
    rows, left_out = _usable_rows(drawn.frame, design)
    # Leaving rows out can leave further singletons.
    sample = draw_policy_rows(rows, design)
    sample = replace(sample, n_singletons=drawn.n_singletons + sample.n_singletons)
    cells = _cells(sample.frame, shown) if not sample.reason else []
    reason = sample.reason or (None if cells else "no cohort with a base year is left")
    if not reason:
        terms = [*(cell.term for cell in cells), *design.controls]
        model = fit_linear(_with_dummies(sample, cells), design.outcome, terms)
        reason = model.fit.reason
    if reason:
        return EventStudyResult(SUN_ABRAHAM, "not_estimable", reason=reason, left_out=left_out)

    seen = sorted({shown.place(cell.event_time) for cell in cells} | {base})
    shares = {k: _shares([c for c in cells if shown.place(c.event_time) == k]) for k in seen}
    effects = {
        k: combine_terms(model, share, event_term(k)) for k, share in shares.items() if share
    }
    treated = _shares([cell for cell in cells if cell.event_time >= 0])
    event_time = sample.frame[EVENT_TIME].clip(first_lead, last_lag)
    used = sample.frame[TREATMENT_YEAR].isin([cell.cohort for cell in cells])
    points = tuple(
        EventPoint(
            event_time=k,
            is_binned=shown.is_binned and k in (first_lead, last_lag),
            is_base=k == base,
            coefficient=effects.get(k),
            n_rows=int((used & (event_time == k)).sum()),
            n_units=int(sample.frame.loc[used & (event_time == k), design.unit].nunique()),
        )
        for k in seen
    )
    others = tuple(c for c in model.fit.coefficients if c.term in design.controls)
    return EventStudyResult(
        estimator=SUN_ABRAHAM,
        status="estimated",
        fit=replace(model.fit, coefficients=(*effects.values(), *others)),
        points=points,
        pre_trend=wald_test(model, [shares[k] for k in seen if k < 0 and k != base]),
        average_effect=combine_terms(model, treated, AVERAGE_EFFECT) if treated else None,
        cohorts=tabulate_cohorts(sample.frame, unit=design.unit),
        left_out=left_out,
    )


def _usable_rows(rows: pd.DataFrame, design: PolicyDesign) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Drop units without a comparison of their own; date the controls as never treated."""
    unit, window, left_out = design.unit, design.window, []
    share = rows.groupby(unit)[TREATED].transform("mean")
    always = share == 1
    if always.any():
        left_out.append(f"{rows.loc[always, unit].nunique()} units treated in every year")
    rows = rows[~always].copy()
    rows.loc[share[~always] == 0, TREATMENT_YEAR] = np.nan
    if len(rows) and rows[TREATMENT_YEAR].notna().all():
        last = rows[TREATMENT_YEAR].max()
        left_out.append(f"years from {last:.0f} on: its cohort stands in for never treated units")
        rows = rows[rows[design.time].astype(float) < last].copy()
        rows.loc[rows[TREATMENT_YEAR] == last, TREATMENT_YEAR] = np.nan
    for cohort, group in rows.groupby(TREATMENT_YEAR):
        units = group[unit].nunique()
        has_base = (group[EVENT_TIME].map(window.place) == window.base).any()
        if units < MIN_COHORT_UNITS or not has_base:
            why = f"{units} units" if units < MIN_COHORT_UNITS else "no row in the base year"
            left_out.append(f"cohort {cohort:.0f}: {why}")
            rows = rows[rows[TREATMENT_YEAR] != cohort]
    rows.loc[rows[TREATMENT_YEAR].isna(), EVENT_TIME] = np.nan
    return rows, tuple(left_out)


def _cells(rows: pd.DataFrame, window: EventWindow) -> list[_Cell]:
    counts = rows.groupby([TREATMENT_YEAR, EVENT_TIME]).size()
    return [
        _Cell(int(cohort), int(event_time), int(n))
        for (cohort, event_time), n in counts.items()
        # Of a base at the end of the window the years beyond are in it.
        if window.place(event_time) != window.base
    ]


def _with_dummies(sample: RegressionSample, cells: Sequence[_Cell]) -> RegressionSample:
    cohort, event_time = (sample.frame[name].to_numpy() for name in (TREATMENT_YEAR, EVENT_TIME))
    return sample.with_columns(
        {
            cell.term: ((cohort == cell.cohort) & (event_time == cell.event_time)).astype(float)
            for cell in cells
        }
    )


def _shares(cells: Sequence[_Cell]) -> Mapping[str, float]:
    total = sum(cell.n_rows for cell in cells)
    return {cell.term: cell.n_rows / total for cell in cells}
