"""What can go wrong with a table: each edit takes a frame and returns a changed one.

Edits are made with their settings, then called with the frame and a seeded generator. Cells are
picked where a change shows: neither empty nor zero.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

Edit = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]


def _pick_rows(frame: pd.DataFrame, rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.choice(len(frame), size=min(n, len(frame)), replace=False)


def _pick_cells(frame: pd.DataFrame, column: str, rng: np.random.Generator, n: int) -> np.ndarray:
    values = frame[column]
    telling = values.notna() & (values.astype(str) != "0") & (values.astype(str) != "0.0")
    places = np.flatnonzero(telling)
    return rng.choice(places, size=min(n, len(places)), replace=False)


def _pick_level(frame: pd.DataFrame, key: str, rng: np.random.Generator, n: int = 1) -> list:
    return list(rng.choice(sorted(frame[key].unique()), size=n, replace=False))


def _put(frame: pd.DataFrame, column: str, places, values) -> pd.DataFrame:
    changed = frame.copy()
    if changed[column].dtype != object and not pd.api.types.is_string_dtype(changed[column]):
        changed[column] = changed[column].astype("float64")
    position = changed.columns.get_loc(column)
    changed.iloc[places, position] = values
    return changed


# Drop and truncate


def drop_rows(share: float) -> Edit:
    return lambda frame, rng: frame.drop(
        frame.index[_pick_rows(frame, rng, max(1, round(share * len(frame))))]
    )


def drop_level(key: str) -> Edit:
    return lambda frame, rng: frame[~frame[key].isin(_pick_level(frame, key, rng))]


def drop_column(column: str) -> Edit:
    return lambda frame, rng: frame.drop(columns=column)


def first_rows(share: float) -> Edit:
    return lambda frame, rng: frame.head(int(share * len(frame)))


# Duplicate


def copy_rows(n: int) -> Edit:
    return lambda frame, rng: pd.concat([frame, frame.iloc[_pick_rows(frame, rng, n)]])


def copy_rows_with(column: str, change: Callable) -> Edit:
    def edit(frame, rng):
        copies = frame.iloc[_pick_cells(frame, column, rng, 2)].copy()
        copies[column] = copies[column].map(change)
        return pd.concat([frame, copies])

    return edit


def copy_year(shift: int, year: str = "year") -> Edit:
    """Add the first or last year once more under a year of its own."""

    def edit(frame, rng):
        edge = frame[year].min() if shift < 0 else frame[year].max()
        copies = frame[frame[year] == edge].copy()
        copies[year] = edge + shift
        return pd.concat([frame, copies])

    return edit


# Swap


def swap_cells(column: str) -> Edit:
    def edit(frame, rng):
        first = _pick_cells(frame, column, rng, 1)[0]
        others = np.flatnonzero(
            frame[column].notna() & (frame[column] != frame[column].iloc[first])
        )
        second = rng.choice(others)
        values = frame[column].iloc[[second, first]].to_numpy()
        return _put(frame, column, [first, second], values)

    return edit


def swap_columns(a: str, b: str) -> Edit:
    return lambda frame, rng: frame.assign(**{a: frame[b], b: frame[a]})


def swap_levels(key: str) -> Edit:
    def edit(frame, rng):
        a, b = _pick_level(frame, key, rng, 2)
        return frame.assign(**{key: frame[key].replace({a: b, b: a})})

    return edit


def shuffle_column(column: str) -> Edit:
    return lambda frame, rng: frame.assign(**{column: rng.permutation(frame[column].to_numpy())})


# Scale


def scale_cells(column: str, factor: float, n: int = 1) -> Edit:
    def edit(frame, rng):
        places = _pick_cells(frame, column, rng, n)
        return _put(
            frame, column, places, frame[column].iloc[places].astype(float).to_numpy() * factor
        )

    return edit


def scale_level(column: str, factor: float, key: str) -> Edit:
    def edit(frame, rng):
        places = np.flatnonzero(frame[key].isin(_pick_level(frame, key, rng)))
        return _put(
            frame, column, places, frame[column].iloc[places].astype(float).to_numpy() * factor
        )

    return edit


def scale_column(column: str, factor: float) -> Edit:
    return lambda frame, rng: frame.assign(**{column: frame[column].astype(float) * factor})


# Blank and overwrite


def blank_cells(column: str, share: float) -> Edit:
    def edit(frame, rng):
        places = _pick_cells(frame, column, rng, max(1, round(share * len(frame))))
        return _put(frame, column, places, None)

    return edit


def overwrite_cells(column: str, value, n: int = 1) -> Edit:
    """Put a value of any kind into some cells; the column becomes text where it must."""

    def edit(frame, rng):
        places = _pick_cells(frame, column, rng, n)
        changed = frame.copy()
        if isinstance(value, str) and not pd.api.types.is_string_dtype(changed[column]):
            changed[column] = changed[column].astype(object)
            changed.iloc[places, changed.columns.get_loc(column)] = value
            return changed
        return _put(frame, column, places, value)

    return edit


def set_column(column: str) -> Edit:
    """Fill a whole column with one of its values."""
    return lambda frame, rng: frame.assign(
        **{column: frame[column].iloc[_pick_cells(frame, column, rng, 1)[0]]}
    )


def shift_years(column: str, shift: int, key: str | None = None) -> Edit:
    """Move all years, or those of one city or sector."""

    def edit(frame, rng):
        moved = frame[column] + shift
        if key is not None:
            moved = moved.where(frame[key].isin(_pick_level(frame, key, rng)), frame[column])
        return frame.assign(**{column: moved})

    return edit


# Retype


def map_column(column: str, change: Callable[[object], object]) -> Edit:
    return lambda frame, rng: frame.assign(
        **{column: frame[column].astype(object).map(change, na_action="ignore")}
    )


def map_cells(column: str, change: Callable[[object], object], n: int = 2) -> Edit:
    def edit(frame, rng):
        places = _pick_cells(frame, column, rng, n)
        changed = frame.copy()
        changed[column] = changed[column].astype(object)
        values = [change(value) for value in changed[column].iloc[places]]
        changed.iloc[places, changed.columns.get_loc(column)] = values
        return changed

    return edit


def cast_column(column: str, dtype: str) -> Edit:
    return lambda frame, rng: frame.assign(**{column: frame[column].astype(dtype)})


def rename_column(column: str, name: str) -> Edit:
    return lambda frame, rng: frame.rename(columns={column: name})


# Nothing that is read


def reorder_rows() -> Edit:
    return lambda frame, rng: frame.iloc[rng.permutation(len(frame))]


def reorder_columns() -> Edit:
    return lambda frame, rng: frame[list(reversed(frame.columns))]


def add_column(name: str) -> Edit:
    return lambda frame, rng: frame.assign(**{name: "x"})
