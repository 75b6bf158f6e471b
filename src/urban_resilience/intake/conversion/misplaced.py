"""Figures that stand in columns of others: rows shifted sideways, two files with other columns.

Nothing is moved: rows and columns that fit far better in another place are named.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from urban_resilience.intake.reading.remarks import listed
from urban_resilience.shared.counting import count

# Of fewer rows or columns nobody can tell what belongs where.
FEWEST_ROWS, FEWEST_COLUMNS, FEWEST_MOVED = 12, 3, 2
# Spread of logarithms that a column has at least, and the most that one cell may weigh.
LEAST_SPREAD, MOST_COST = 0.25, 30.0
# What a shift must gain: less where the blank it leaves is there.
GAIN, GAIN_WITH_BLANK = 45.0, 25.0
MOST_LEFT_OVER = 4.0
# Rows that a second file has at least, and the share of them that must agree.
FEWEST_BEHIND, FEWEST_PLACES, AGREEMENT = 5, 4, 0.98
FAR_MOVED, NEAR = (2.0, 1.25), 1.5

Matrix = NDArray[np.float64]


def misplaced_figures(
    columns: Sequence[Matrix],
    names: Sequence[str],
    numbers: Sequence[int],
    places: Sequence[object],
) -> list[str]:
    """Name rows whose figures fit their columns only if they are moved.

    Parameters
    ----------
    columns
        Figures of each series as the file has them, in the order of its columns; not a number
        where there is none.
    names
        Headers of the columns.
    numbers
        Row of the file of each figure.
    places
        City of each: its years are alike, and prove no more than one of them.

    Returns
    -------
    list of str
        What to look at, with what helps; empty where everything fits best as it stands.
    """
    if len(columns) < FEWEST_COLUMNS or len(numbers) < FEWEST_ROWS:
        return []
    cells = np.column_stack(columns)
    logs: Matrix = np.log(np.where(cells > 0, cells, np.nan))
    # A column that is empty says nothing.
    used = np.isfinite(logs).sum(axis=0) >= FEWEST_ROWS / 2
    if used.sum() < FEWEST_COLUMNS:
        return []
    kept = [name for name, is_used in zip(names, used, strict=True) if is_used]
    holds = np.isfinite(logs[:, used]).any(axis=1)
    logs = logs[holds][:, used]
    at = np.flatnonzero(holds).tolist()
    numbers, places = [numbers[row] for row in at], [places[row] for row in at]
    if len(numbers) < FEWEST_ROWS:
        return []
    turned = _other_order(logs, kept, numbers, places)
    return turned or _shifted(logs, kept, numbers)


def _places(logs: Matrix) -> tuple[Matrix, Matrix]:
    """Median of each column and its spread (1.4826 median absolute deviations)."""
    centre = _medians(logs)
    spread = 1.4826 * _medians(np.abs(logs - centre))
    return centre, np.maximum(spread, LEAST_SPREAD)


def _medians(values: Matrix) -> Matrix:
    """Median of each column, not a number where it is empty."""
    filled = np.isfinite(values).any(axis=0)
    found = np.full(values.shape[1], np.nan)
    found[filled] = np.nanmedian(values[:, filled], axis=0)
    return found


def _shifted(logs: Matrix, names: Sequence[str], numbers: Sequence[int]) -> list[str]:
    centre, spread = _places(logs)
    width = logs.shape[1]

    def cost(values: Matrix, of: slice | NDArray[np.intp]) -> Matrix:
        return np.nan_to_num(np.minimum(((values - centre[of]) / spread[of]) ** 2, MOST_COST))

    def behind(costs: Matrix) -> Matrix:
        """Sum of a row's costs from each column on."""
        return np.flip(np.cumsum(np.flip(costs, axis=1), axis=1), axis=1)

    now = cost(logs, slice(None))
    # Only rows with a cell far from its column can have been shifted.
    odd = np.flatnonzero(now.sum(axis=1) >= GAIN_WITH_BLANK)
    if not len(odd):
        return []
    logs, now = logs[odd], now[odd]
    filled = np.isfinite(logs)
    none = np.zeros((len(odd), 1))
    found: dict[str, list[tuple[int, int]]] = {}
    best = np.zeros(len(odd))
    said: list[tuple[str, int] | None] = [None] * len(odd)
    everywhere = np.arange(width)
    for side, step in (("left", 1), ("right", -1)):
        if step == 1:
            moved = np.hstack([cost(logs[:, :-1], slice(1, None)), none])
            n_moved = np.hstack([filled[:, :-1], none > 0])
            rest = behind(moved)
            # What falls out at the end stands where the first cell was taken from.
            wrapped = cost(logs[:, [-1]] + np.zeros(width), everywhere)
            is_blank = np.broadcast_to(~filled[:, [-1]], filled.shape)
        else:
            moved = np.hstack([none, cost(logs[:, 1:], slice(None, -1))])
            n_moved = np.hstack([none > 0, filled[:, 1:]])
            rest = np.hstack([behind(moved)[:, 1:], none])
            n_moved = np.hstack([n_moved[:, 1:], none > 0])
            wrapped = cost(logs, np.full(width, width - 1))
            is_blank = ~filled
        n_behind = behind(n_moved.astype(float))
        left_over = rest + np.where(is_blank, 0.0, wrapped)
        gain = behind(now) - left_over
        enough = (
            (gain >= np.where(is_blank, GAIN_WITH_BLANK, GAIN))
            & (n_behind >= FEWEST_MOVED)
            & (left_over <= MOST_LEFT_OVER * n_behind)
        )
        gain = np.where(enough, gain, 0.0)
        at = gain.argmax(axis=1)
        for row in np.flatnonzero(gain.max(axis=1) > best):
            best[row], said[row] = gain[row, at[row]], (side, int(at[row]))
    for place, what in zip(odd.tolist(), said, strict=True):
        if what is not None:
            found.setdefault(what[0], []).append((what[1], numbers[place]))
    return [_in_words(side, rows, names) for side, rows in found.items()]


def _in_words(side: str, rows: Sequence[tuple[int, int]], names: Sequence[str]) -> str:
    starts = [at for at, _ in rows]
    first = names[max(set(starts), key=starts.count)]
    nearby = " or a column near it" if len(set(starts)) > 1 else ""
    other, remedy = (
        ("right", "Put the cell that is missing back")
        if side == "left"
        else ("left", "Take the extra cell out")
    )
    return (
        f"{count(len(rows), 'row')} with figures that fit better one column to the {other}, from "
        f"`{first}`{nearby} on: {listed(row for _, row in rows)}. {remedy}, or look whether they "
        "are right"
    )


def _other_order(
    logs: Matrix, names: Sequence[str], numbers: Sequence[int], places: Sequence[object]
) -> list[str]:
    """Find a row from which on columns hold what others held before."""
    n_rows, width = logs.shape
    first, second = np.triu_indices(width, 1)
    # Most pairs of columns end as they begin.
    top, end = (
        np.sign(_differences(rows, first, second)).sum(axis=0)
        for rows in (logs[:FEWEST_BEHIND], logs[-FEWEST_BEHIND:])
    )
    first, second = (side[top * end < 0] for side in (first, second))
    if not len(first):
        return []
    signs = np.sign(_differences(logs, first, second))
    sums = np.cumsum(signs, axis=0)
    n_signs = np.abs(signs).sum(axis=0)
    inside = slice(FEWEST_BEHIND - 1, n_rows - FEWEST_BEHIND)
    # All of one sign before, all of the other behind: 1; no order: 0.
    agreed = np.abs(2 * sums[inside] - sums[-1])
    if not agreed.size:
        return []
    at = agreed.argmax(axis=0)
    share = agreed[at, np.arange(len(first))] / np.maximum(n_signs, 1)
    candidates = np.flatnonzero((share >= AGREEMENT) & (n_signs >= n_rows / 2))
    flips: dict[int, list[int]] = {}
    for pair in candidates:
        cut = int(at[pair]) + FEWEST_BEHIND
        if min(len(set(places[:cut])), len(set(places[cut:]))) < FEWEST_PLACES:
            continue
        if _jumps(logs[:, first[pair]] - logs[:, second[pair]], cut):
            flips.setdefault(cut, []).append(int(pair))
    for cut, pairs in sorted(flips.items(), key=lambda item: -len(item[1])):
        moved = _moved(logs, cut) or sorted(
            {
                int(column)
                for pair in pairs
                if _mirrored(logs[:, first[pair]] - logs[:, second[pair]], cut)
                for column in (first[pair], second[pair])
            }
        )
        if moved:
            named = ", ".join(f"`{names[column]}`" for column in moved)
            return [
                f"from row {numbers[cut]} on, the figures of {named} stand in another order of "
                "columns than above: two files in one. Write the header of the second above it, "
                "or separate them"
            ]
    return []


def _differences(logs: Matrix, first: NDArray[np.intp], second: NDArray[np.intp]) -> Matrix:
    return np.nan_to_num(logs[:, first] - logs[:, second])


def _parts(differences: NDArray[np.float64], cut: int) -> tuple[NDArray[np.float64], ...]:
    return tuple(part[np.isfinite(part)] for part in (differences[:cut], differences[cut:]))


def _jumps(differences: NDArray[np.float64], cut: int) -> bool:
    """Whether a difference turns its sign at once, and not as one series overtakes another."""
    before, behind = _parts(differences, cut)
    if min(len(before), len(behind)) < FEWEST_BEHIND:
        return False
    middle, later = float(np.median(before)), float(np.median(behind))
    if middle * later >= 0:
        return False
    close = max(FEWEST_BEHIND, min(len(before), len(behind)) // 5)
    at_cut = float(np.median(before[-close:])), float(np.median(behind[:close]))
    return all(abs(near) >= abs(far) / 2 for near, far in zip(at_cut, (middle, later), strict=True))


def _mirrored(differences: NDArray[np.float64], cut: int) -> bool:
    """Whether two columns change places: their difference is the same with the other sign."""
    before, behind = _parts(differences, cut)
    middle, later = float(np.median(before)), float(np.median(behind))
    spread = 1.4826 * float(np.median(np.abs(before - middle)))
    size = min(abs(middle), abs(later))
    return abs(middle + later) <= max(2.0 * spread, 0.1) and size >= max(1.5 * spread, 0.2)


def _moved(logs: Matrix, cut: int) -> list[int]:
    """Columns that hold behind a row what others of them held before it."""
    # Beside its own row's mean, which no order of columns changes, a city's size says nothing.
    beside = logs - np.nanmean(logs, axis=1, keepdims=True)
    before, spread = _places(beside[:cut])
    behind = _medians(beside[cut:])
    for least in FAR_MOVED:
        far = np.flatnonzero(np.abs(behind - before) / spread > least)
        if len(far) < FEWEST_MOVED:
            continue
        away = np.abs(behind[far][:, None] - before[far][None, :]) / spread[far][None, :]
        nearest = away.argmin(axis=1)
        is_near = bool((away[np.arange(len(far)), nearest] <= NEAR).all())
        if is_near and len(set(nearest)) == len(far):
            return [int(column) for column in far]
    return []
