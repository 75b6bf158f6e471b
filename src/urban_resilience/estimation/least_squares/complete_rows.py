"""The rows that have all that a regression reads, in one order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from urban_resilience.estimation.fit import NotEstimableError


def complete_rows(
    frame: pd.DataFrame,
    numeric: Sequence[str],
    keys: Sequence[str],
    carried: Sequence[str] = (),
) -> pd.DataFrame:
    """Keep the rows with every used column, in an order that depends on their content alone.

    Parameters
    ----------
    frame
        Observations x variables.
    numeric
        Columns of numbers, or of true and false.
    keys
        Columns that name units, effects and clusters.
    carried
        Columns to keep beside them, which may be missing in a row.

    Returns
    -------
    pandas.DataFrame
        Only the named columns, numbers as floats, index 0..N-1; by keys, then by numbers, so that
        rows that repeat their keys are told apart by their values. May be empty.

    Raises
    ------
    ValueError
        The frame lacks a column, or one is not numeric.
    NotEstimableError
        A column has no value at all, or an infinite one: no observation and no gap.
    """
    numeric, keys = tuple(dict.fromkeys(numeric)), tuple(dict.fromkeys(keys))
    used = tuple(dict.fromkeys((*numeric, *keys)))
    absent = [name for name in used if name not in frame.columns]
    if absent:
        raise ValueError(f"no column {', '.join(absent)} in the data")
    beside = [name for name in dict.fromkeys((*keys, *carried)) if name not in numeric]
    rows = pd.DataFrame({name: _floats(frame, name) for name in numeric})
    rows = rows.join(frame[beside].reset_index(drop=True))
    empty = [name for name in used if rows[name].isna().all()]
    if len(rows) and empty:
        raise NotEstimableError(f"no value in the sample: {', '.join(empty)}")
    rows = rows.dropna(subset=list(used))
    infinite = [name for name in numeric if np.isinf(rows[name]).any()]
    if infinite:
        raise NotEstimableError(f"infinite values in the sample: {', '.join(infinite)}")
    rows = rows.sort_values([*keys], ignore_index=True, kind="stable")
    if rows.duplicated([*keys]).any():
        rows = rows.sort_values([*keys, *numeric], ignore_index=True, kind="stable")
    return rows


def _floats(frame: pd.DataFrame, name: str) -> np.ndarray:
    if frame[name].dtype == np.float64:
        return frame[name].to_numpy()
    try:
        return frame[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ValueError(f"column {name} is not numeric") from error
