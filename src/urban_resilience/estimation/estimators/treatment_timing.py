"""Who is treated from when: pilot dates, partial pilots, cohorts, usable rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.estimators.event_window import USUAL_WINDOW, EventWindow
from urban_resilience.estimation.least_squares.regression_sample import (
    CLUSTERED,
    RegressionSample,
    draw_sample,
)

LISTED, ANNOUNCED = "listed", "announced"
TIMINGS = (LISTED, ANNOUNCED)
EXCLUDED, AS_TREATED, AS_CONTROL = "excluded", "treated", "control"
PARTIAL_RULES = (EXCLUDED, AS_TREATED, AS_CONTROL)

TREATED = "treated"
TREATMENT_YEAR = "treatment_year"
EVENT_TIME = "event_time"


def treated_by(policy_id: str) -> str:
    """Name the dated treatment of a policy that stands beside the one asked for."""
    return f"{TREATED}_{policy_id}"


@dataclass(frozen=True)
class PolicyDesign:
    """What every estimator of a staggered policy reads: columns of unit-years, and one rule.

    Attributes
    ----------
    outcome, controls, fixed_effects
        Of the regression.
    first_year, partial_year
        First year as a full pilot, and as a partial one (some districts only): constant within a
        unit, missing where it has none.
    partial_rule
        What becomes of units that were only ever partial pilots: ``excluded`` (their rows are
        dropped), ``treated`` (from the partial year on) or ``control``. A full pilot is dated by
        its full designation, under ``treated`` by the earlier of the two.
    clusters, vcov
        As in ``draw_sample``.
    weights
        A column, such as that of a matched sample, or None.
    window
        Years around treatment that an event study shows.
    unit, time
        Keys of the rows.
    """

    outcome: str
    first_year: str
    partial_year: str | None = None
    partial_rule: str = EXCLUDED
    controls: Sequence[str] = ()
    fixed_effects: Sequence[str] = ("year", "city_code")
    clusters: Sequence[str] = ("city_code",)
    weights: str | None = None
    vcov: str = CLUSTERED
    window: EventWindow = USUAL_WINDOW
    unit: str = "city_code"
    time: str = "year"


@dataclass(frozen=True)
class Cohort:
    """Units first treated in one year, among the rows of a regression.

    ``kind`` is ``treated`` (seen before and after), ``never_treated`` (no date), ``treated_after``
    (date after its last row: a control throughout) or ``always_treated`` (treated in every row).
    """

    kind: str
    first_year: int | None
    n_units: int
    n_rows: int
    n_treated_rows: int


def timing_columns(policy_id: str, timing: str, columns: Collection[str]) -> tuple[str, str | None]:
    """Name the panel columns with the first year of full and of partial pilots.

    Parameters
    ----------
    policy_id
        Of ``policy_pilots``.
    timing
        ``listed`` (year of the list) or ``announced``.
    columns
        Columns at hand. Where partial pilots carry no announcement date, their list year stands in.

    Raises
    ------
    ValueError
        Where ``timing`` is neither; a policy without columns is for the caller to report.
    """
    if timing not in TIMINGS:
        raise ValueError(f"unknown timing '{timing}' (known: {', '.join(TIMINGS)})")
    infix = "announced_" if timing == ANNOUNCED else ""
    candidates = (f"{policy_id}_partial_{infix}year", f"{policy_id}_partial_year")
    partial = next((name for name in candidates if name in columns), None)
    return f"{policy_id}_{infix}year", partial


def missing_dates(frame: pd.DataFrame, design: PolicyDesign) -> str | None:
    """Say which date column is absent or empty, or None."""
    named = (design.first_year, design.partial_year)
    absent = [name for name in named if name and name not in frame.columns]
    if absent:
        return f"no column {', '.join(absent)} in the data"
    if len(frame) and frame[design.first_year].isna().all():
        return f"no unit has a date in {design.first_year}"
    return None


def code_treatment(frame: pd.DataFrame, design: PolicyDesign) -> pd.DataFrame:
    """Copy the rows with ``treatment_year``, NaN for never treated, and ``treated`` from it on.

    Raises
    ------
    ValueError
        For an unknown rule.
    """
    rule = design.partial_rule
    if rule not in PARTIAL_RULES:
        raise ValueError(f"unknown rule '{rule}' (known: {', '.join(PARTIAL_RULES)})")
    start, partial = _years(frame, design.first_year), np.full(len(frame), np.nan)
    if design.partial_year:
        partial = _years(frame, design.partial_year)
    keep = np.ones(len(frame), dtype=bool)
    if rule == EXCLUDED:
        keep = ~(np.isnan(start) & ~np.isnan(partial))
    elif rule == AS_TREATED:
        start = np.fmin(start, partial)
    # A comparison with NaN is false: never treated.
    treated = (_years(frame, design.time) >= start).astype(float)
    return frame.assign(**{TREATMENT_YEAR: start, TREATED: treated})[keep].reset_index(drop=True)


def draw_policy_sample(
    frame: pd.DataFrame, design: PolicyDesign, *, trimmed: bool = False
) -> tuple[RegressionSample, str | None]:
    """Code the treatment, keep the usable rows and add ``event_time`` (NaN for never treated).

    Parameters
    ----------
    frame, design
        Unit-years x variables, and what to read of them.
    trimmed
        Whether rows of treated units outside ``design.window`` are left out.

    Returns
    -------
    tuple
        The sample, and the reason why no effect of the policy can be estimated on it, or None.
    """
    reason = missing_dates(frame, design)
    if reason:
        return RegressionSample(pd.DataFrame(), np.empty(0)), reason
    coded = code_treatment(frame, design)
    coded[EVENT_TIME] = coded[design.time].astype(float) - coded[TREATMENT_YEAR]
    if trimmed:
        ends = design.window.first_lead, design.window.last_lag
        coded = coded[coded[EVENT_TIME].isna() | coded[EVENT_TIME].between(*ends)]
    sample = draw_policy_rows(coded, design)
    reason = sample.reason
    if not reason and count_units(tabulate_cohorts(sample.frame, unit=design.unit), "treated") == 0:
        dates = design.first_year
        reason = f"no unit of the sample is seen both before and after its date in {dates}"
    return sample, reason


def draw_policy_rows(coded: pd.DataFrame, design: PolicyDesign) -> RegressionSample:
    """Draw the sample of a policy from rows that carry treatment and event time already."""
    return draw_sample(
        coded,
        numeric=[design.outcome, *design.controls],
        fixed_effects=design.fixed_effects,
        clusters=design.clusters,
        weights=design.weights,
        vcov=design.vcov,
        carried=[TREATMENT_YEAR, TREATED, EVENT_TIME, design.unit, design.time],
    )


def tabulate_cohorts(frame: pd.DataFrame, *, unit: str = "city_code") -> tuple[Cohort, ...]:
    """Count units and rows per first year of treatment, never treated last.

    Parameters
    ----------
    frame
        Rows of a regression with ``treatment_year`` and ``treated``.
    unit
        Column of units.
    """
    if frame.empty:
        return ()
    share = frame.groupby(unit)[TREATED].transform("mean")
    kind = np.select(
        [frame[TREATMENT_YEAR].isna(), share == 0, share == 1],
        ["never_treated", "treated_after", "always_treated"],
        "treated",
    )
    rows = frame.assign(_kind=kind).groupby([TREATMENT_YEAR, "_kind"], dropna=False)
    return tuple(
        Cohort(
            kind=str(kind),
            first_year=None if np.isnan(year) else int(year),
            n_units=int(group[unit].nunique()),
            n_rows=len(group),
            n_treated_rows=int(group[TREATED].sum()),
        )
        for (year, kind), group in rows
    )


def count_units(cohorts: Collection[Cohort], *kinds: str) -> int:
    """Add up the units of cohorts of the given kinds."""
    return sum(cohort.n_units for cohort in cohorts if cohort.kind in kinds)


def _years(frame: pd.DataFrame, column: str) -> np.ndarray:
    return frame[column].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
