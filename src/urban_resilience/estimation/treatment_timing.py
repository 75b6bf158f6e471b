"""Who is treated from when: pilot dates, partial pilots, cohorts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

LISTED, ANNOUNCED = "listed", "announced"
TIMINGS = (LISTED, ANNOUNCED)
EXCLUDED, AS_TREATED, AS_CONTROL = "excluded", "treated", "control"
PARTIAL_RULES = (EXCLUDED, AS_TREATED, AS_CONTROL)

TREATED = "treated"
TREATMENT_YEAR = "treatment_year"


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
        Such as ``smart_city``.
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


def code_treatment(
    frame: pd.DataFrame,
    *,
    first_year: str,
    partial_year: str | None = None,
    partial_rule: str = EXCLUDED,
    time: str = "year",
) -> pd.DataFrame:
    """Add ``treatment_year`` and ``treated`` = 1 from that year on.

    Parameters
    ----------
    frame
        Observations x variables; dates are constant within a unit, missing where it has none.
    first_year, partial_year
        Columns with the first year as a full pilot, and as a partial one (some districts only).
    partial_rule
        What becomes of units that were only ever partial pilots: ``excluded`` (their rows are
        dropped), ``treated`` (from the partial year on) or ``control``. A full pilot is dated by
        its full designation, under ``treated`` by the earlier of the two.
    time
        Column of years.

    Returns
    -------
    pandas.DataFrame
        A copy; ``treatment_year`` is NaN for units never treated.

    Raises
    ------
    ValueError
        For an unknown rule.
    """
    if partial_rule not in PARTIAL_RULES:
        raise ValueError(f"unknown rule '{partial_rule}' (known: {', '.join(PARTIAL_RULES)})")
    start = _years(frame, first_year)
    partial = _years(frame, partial_year) if partial_year else np.full(len(frame), np.nan)
    keep = np.ones(len(frame), dtype=bool)
    if partial_rule == EXCLUDED:
        keep = ~(np.isnan(start) & ~np.isnan(partial))
    elif partial_rule == AS_TREATED:
        start = np.fmin(start, partial)
    # A comparison with NaN is false: never treated.
    treated = (_years(frame, time) >= start).astype(float)
    return frame.assign(**{TREATMENT_YEAR: start, TREATED: treated})[keep].reset_index(drop=True)


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
