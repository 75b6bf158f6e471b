"""Yearbook cells that cannot be right, and what the analyst decided about them.

A cell is compared with the median of its city's two observed years on either side, in logarithms
(a running median: Tukey 1977); the first and the last one with the three nearest. Distances are
scaled by the median absolute deviation of the series over all cities, so that a volatile series is
given more room (Hampel 1974).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from urban_resilience.formulas.panel import CityYears

MAD_TO_STANDARD_DEVIATION = 1.4826
# Jumps with single projects: flagged, never blanked by rule.
LUMPY_SERIES = ("fdi_used_million_usd",)


def beside_neighbours(grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log distance of each positive cell from its neighbours' median, and the neighbours' range.

    Parameters
    ----------
    grid : ndarray, shape (n_cities, n_years)
        One raw series; zero and negative cells are neither compared nor neighbours.

    Returns
    -------
    deviation, neighbour_range : ndarray, shape (n_cities, n_years)
        The range is the largest over the smallest neighbour. Missing with fewer than two
        neighbours, and with two that are not within a factor 3 of each other.
    """
    is_compared = grid > 0
    # Observed years side by side, at the left; the years between them do not count.
    order = np.argsort(~is_compared, axis=1, kind="stable")
    logs = np.log(np.where(is_compared, grid, np.nan))
    logs = np.take_along_axis(logs, order, axis=1)
    beyond = np.full((len(grid), 3), np.nan)
    padded = np.hstack([beyond, logs, beyond])
    n_years = grid.shape[1]
    at = {step: padded[:, 3 + step : 3 + step + n_years] for step in range(-3, 4)}
    third = np.where(np.isnan(at[-1]), at[3], np.where(np.isnan(at[1]), at[-3], np.nan))
    # Sorting puts missing neighbours last.
    near = np.sort([at[-2], at[-1], at[1], at[2], third], axis=0)
    count = np.isfinite(near).sum(axis=0)
    last = np.maximum(count - 1, 0)
    lower, upper, high = (
        np.take_along_axis(near, place[None], axis=0)[0] for place in (last // 2, count // 2, last)
    )
    enough = (count >= 3) | ((count == 2) & (high - near[0] <= np.log(3)))
    found = (
        np.where(enough, logs - (lower + upper) / 2, np.nan),
        np.where(enough, np.exp(high - near[0]), np.nan),
    )
    back = np.argsort(order, axis=1)
    deviation, neighbour_range = (np.take_along_axis(one, back, axis=1) for one in found)
    return deviation, neighbour_range


def suspicious_cells(grid: np.ndarray, factor: float = 3, spreads: float = 8) -> np.ndarray:
    """Cells more than `factor` times and `spreads` robust spreads away from their neighbours."""
    distance = np.abs(beside_neighbours(grid)[0])
    if not np.isfinite(distance).any():
        return np.zeros(grid.shape, dtype=bool)
    spread = MAD_TO_STANDARD_DEVIATION * np.nanmedian(distance)
    return distance > max(np.log(factor), spreads * spread)


def unit_slips(grid: np.ndarray) -> np.ndarray:
    """Cells about 1,000, 10,000, ... times (or a fraction of) neighbours that agree.

    About is within a factor 2 of the power of ten, neighbours agree within a factor 3.
    """
    deviation, neighbour_range = beside_neighbours(grid)
    tens = np.log(10)
    exponent = np.round(deviation / tens)
    near = np.abs(deviation - exponent * tens) <= np.log(2)
    return (np.abs(exponent) >= 3) & near & (neighbour_range <= 3)


def decide_cells(
    grids: Mapping[str, np.ndarray], axes: CityYears, decisions: pd.DataFrame | None = None
) -> dict[str, np.ndarray]:
    """Blank slips of the unit, then apply the decisions, which override the rule.

    Parameters
    ----------
    grids : mapping of str to ndarray, shape (n_cities, n_years)
        Raw series as supplied.
    axes : CityYears
        Their axes.
    decisions : DataFrame, optional
        Rows of seed ``cell_decisions`` that apply to the data: ``city_code``, ``year``,
        ``series``, ``action`` (``accept``, ``blank`` or ``replace``), ``value`` and
        ``condition``. Cells outside the axes are ignored.

    Returns
    -------
    dict of ndarray, shape (n_cities, n_years)
        New grids; blanked cells are missing.
    """
    decided = {}
    for name, grid in grids.items():
        suspicious = suspicious_cells(grid)
        slips = unit_slips(grid) & suspicious & (name not in LUMPY_SERIES)
        decided[name] = np.where(slips, np.nan, grid)
        if decisions is None:
            continue
        for decision in decisions[decisions["series"] == name].itertuples():
            if decision.city_code not in axes.city_codes or int(decision.year) not in axes.years:
                continue
            cell = (axes.city_codes.index(decision.city_code), axes.years.index(int(decision.year)))
            if decision.condition == "while_suspicious" and not suspicious[cell]:
                continue
            by_action = {"accept": grid[cell], "blank": np.nan, "replace": float(decision.value)}
            decided[name][cell] = by_action[decision.action]
    return decided
