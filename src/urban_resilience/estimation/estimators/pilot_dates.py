"""Dates of a policy from the lists that count, and the cities that other lists treat."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from urban_resilience.estimation.estimators.treatment_timing import ANNOUNCED, AS_TREATED, EXCLUDED
from urban_resilience.estimation.fit import NotEstimableError

BATCH = "batch"
DATE_COLUMNS = (
    "first_full_year",
    "first_full_announced_year",
    "first_partial_year",
    "first_partial_announced_year",
)


def pilot_dates(
    pilots: pd.DataFrame, policy_id: str, batches: Collection[str] = ()
) -> pd.DataFrame:
    """First dates of every city that some list of the policy names (one row per city).

    Parameters
    ----------
    pilots
        Rows of ``fct_policy_batches``; of ``fct_policy_timing`` where no batches are asked for.
    policy_id
        Policy.
    batches
        Lists that count; all where empty.

    Raises
    ------
    NotEstimableError
        No list of the policy has one of the batches.
    """
    rows = pilots[pilots["policy_id"] == policy_id]
    if batches:
        absent = sorted(set(batches) - set(rows.get(BATCH, pd.Series(dtype=str))))
        if absent:
            raise NotEstimableError(
                f"no list of {policy_id} has a batch {', '.join(absent)} ({_known(rows)})"
            )
        rows = rows[rows[BATCH].isin(batches)]
    dates = rows[["city_code", *DATE_COLUMNS]].astype(dict.fromkeys(DATE_COLUMNS, "Float64"))
    return dates.groupby("city_code", as_index=False, sort=True).min()


def left_out_pilots(
    pilots: pd.DataFrame,
    policy_id: str,
    batches: Collection[str],
    timing: str,
    partial_rule: str,
) -> tuple[str, ...]:
    """Cities that a list which does not count treats, earlier than the lists that do or alone.

    They are treated in truth: as controls, or with the later date, they would bias the estimate,
    so the sample leaves them out. Where all lists count there are none.

    Parameters
    ----------
    pilots, policy_id, batches
        As in :func:`pilot_dates`.
    timing, partial_rule
        As in ``PolicyDesign``: they say what treatment is.
    """
    if not batches:
        return ()
    every = pilot_dates(pilots, policy_id).set_index("city_code")
    counted = pilot_dates(pilots, policy_id, batches).set_index("city_code").reindex(every.index)
    start, start_counted = (_start(d, timing, partial_rule) for d in (every, counted))
    same = (start == start_counted) | (np.isnan(start) & np.isnan(start_counted))
    if partial_rule == EXCLUDED:
        # A partial pilot that would be excluded must not come back as a control.
        same &= _is_partial(every, timing) <= _is_partial(counted, timing)
    return tuple(every.index[~same])


def _columns(dates: pd.DataFrame, timing: str) -> tuple[np.ndarray, np.ndarray]:
    infix = "announced_" if timing == ANNOUNCED else ""
    names = (f"first_full_{infix}year", f"first_partial_{infix}year")
    full, partial = (dates[name].to_numpy(dtype=float, na_value=np.nan) for name in names)
    return full, partial


def _start(dates: pd.DataFrame, timing: str, partial_rule: str) -> np.ndarray:
    full, partial = _columns(dates, timing)
    return np.fmin(full, partial) if partial_rule == AS_TREATED else full


def _is_partial(dates: pd.DataFrame, timing: str) -> np.ndarray:
    full, partial = _columns(dates, timing)
    return np.isnan(full) & ~np.isnan(partial)


def _known(rows: pd.DataFrame) -> str:
    named = sorted({batch for batch in rows.get(BATCH, ()) if batch})
    return f"its batches: {', '.join(named)}" if named else "it names no batches"
