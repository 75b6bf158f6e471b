"""Indicators as rows: what the seeds say of one, and its value.

A row of ``resilience_indicators`` has an expression; a row of ``index_indicators`` gives it a
dimension and a direction in one set. The fourteen indicators of the paper are written out by hand
beside it (:mod:`.resilience_indicators`): the two must agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from urban_resilience.formulas.expressions import evaluate_all


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator, and its place in a set where it is read for one.

    Attributes
    ----------
    name : str
    expression : str
        Over raw series, other indicators and what the study defines before its indices.
    dimension : str
        Dimension in the set; empty outside one.
    direction : int
        +1 where more is better, -1 where less is.
    """

    name: str
    expression: str
    dimension: str = ""
    direction: int = 1


def read_indicators(
    rows: Iterable[Mapping[str, str]], members: Iterable[Mapping[str, str]] | None = None
) -> tuple[IndicatorRow, ...]:
    """Read rows of the seeds as text.

    Parameters
    ----------
    rows
        Rows of ``resilience_indicators``.
    members
        Rows of ``index_indicators`` of one set: only their indicators are read, with the direction
        used (not the printed one). Without them all are, outside any set.
    """
    of_set = None if members is None else {member["indicator_id"]: member for member in members}
    return tuple(
        IndicatorRow(
            name=row["indicator_id"],
            expression=row["expression"],
            **({} if of_set is None else _place(of_set[row["indicator_id"]])),
        )
        for row in rows
        if of_set is None or row["indicator_id"] in of_set
    )


def _place(member: Mapping[str, str]) -> dict[str, Any]:
    """Dimension and direction that a row of ``index_indicators`` gives."""
    return {
        "dimension": member["dimension"],
        "direction": 1 if member["direction_used"] == "positive" else -1,
    }


def indicator_values(
    rows: Iterable[IndicatorRow], data: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Compute indicators from interpolated raw series.

    Parameters
    ----------
    rows : iterable of IndicatorRow
    data : mapping of ndarray, shape (n_cities, n_years)
        Raw yearbook series by column name, and whatever else expressions may read.

    Returns
    -------
    dict of ndarray, shape (n_cities, n_years)
        In the unit of each indicator; missing where what it reads is.

    Raises
    ------
    KeyError
        An expression names what is neither an indicator nor in `data`.
    """
    definitions = {row.name: row.expression for row in rows}
    shape = next(iter(data.values())).shape
    found = evaluate_all(definitions, data, (shape[0], shape[1]))
    if unknown := [name for name in definitions if name not in found]:
        raise KeyError(f"indicators that name what is not there: {', '.join(unknown)}")
    return found
