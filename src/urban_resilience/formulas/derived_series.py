"""Series derived from others, stated a second time in NumPy to check the warehouse's SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from urban_resilience.formulas.expressions import evaluate


def derive_series(
    grids: Mapping[str, np.ndarray],
    rows: Sequence[Mapping[str, str]],
    decided: Mapping[str, np.ndarray] | None = None,
    may_be_negative: Collection[str] = (),
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Fill empty cells from other series of the same city and year, row by row.

    A row reads the series as the rows before it have left them. A cell that is known, or that a
    decision is about, stays as it is; a level below zero is no figure.

    Parameters
    ----------
    grids : dict of ndarray, shape (n_cities, n_years)
        Series in their own units, after decisions; nan where a cell is empty.
    rows : sequence of dict
        Rows of seed ``derived_series`` that are used, in their order: ``series``, ``expression``
        and ``imputation_code``.
    decided : dict of ndarray of bool, optional
        Cells that a decision is about.
    may_be_negative
        Series of which a figure below zero can be right.

    Returns
    -------
    tuple of (dict of ndarray, dict of ndarray)
        The series filled, and the code of every derived cell, None where it is not derived.
    """
    filled = {name: grid.copy() for name, grid in grids.items()}
    shape = next(iter(filled.values())).shape
    codes: dict[str, np.ndarray] = {}
    for row in rows:
        name = row["series"]
        grid = filled.setdefault(name, np.full(shape, np.nan))
        found = np.asarray(
            evaluate(row["expression"], lambda read: filled[read.removeprefix("series.")], shape),
            dtype=float,
        )
        takes = np.isnan(grid) & np.isfinite(found)
        if decided is not None and name in decided:
            takes &= ~decided[name]
        if name not in may_be_negative:
            takes &= found >= 0
        grid[takes] = found[takes]
        code = codes.setdefault(name, np.full(shape, None, dtype=object))
        code[takes] = row["imputation_code"]
    return filled, codes
