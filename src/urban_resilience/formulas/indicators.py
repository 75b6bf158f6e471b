"""Indicators as rows: what the seeds say of one, and its value.

A row of ``resilience_indicators`` names a transformation, one or two raw series and a scale; a row
of ``index_indicators`` gives it a dimension and a direction in one set. The fourteen indicators of
the paper are written out by hand beside it (:mod:`.resilience_indicators`): the two must agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from urban_resilience.formulas.panel import ratio
from urban_resilience.formulas.rolling_deviation import trailing_standard_deviation


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator, and its place in a set where it is read for one.

    Attributes
    ----------
    name : str
    transformation : str
        ``ratio``, ``level`` or ``rolling_sd_3``.
    numerator : str
        Raw series.
    denominator : str or None
        Raw series of a ratio.
    scale : float
        Factor that brings the value to the unit of the indicator.
    dimension : str
        Dimension in the set; empty outside one.
    direction : int
        +1 where more is better, -1 where less is.
    """

    name: str
    transformation: str
    numerator: str
    denominator: str | None
    scale: float
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
            transformation=row["transformation"],
            numerator=row["numerator"],
            denominator=row["denominator"] if isinstance(row["denominator"], str) else None,
            scale=float(row["scale"]),
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


def indicator_value(raw: Mapping[str, np.ndarray], row: IndicatorRow) -> np.ndarray:
    """Compute one indicator from interpolated raw series.

    Parameters
    ----------
    raw : mapping of ndarray, shape (n_cities, n_years)
        Raw yearbook series by column name.
    row : IndicatorRow

    Returns
    -------
    ndarray, shape (n_cities, n_years)
        In the unit of the indicator; missing where a series is, where a denominator is zero, and
        in the first two years of a rolling deviation.

    Raises
    ------
    KeyError
        If a series is absent.
    ValueError
        If the transformation is unknown, or a ratio has no denominator.
    """
    numerator = raw[row.numerator]
    if row.transformation == "ratio":
        if row.denominator is None:
            raise ValueError(f"indicator {row.name} is a ratio without a denominator")
        return ratio(numerator, raw[row.denominator]) * row.scale
    if row.transformation == "level":
        return numerator * row.scale
    if row.transformation == "rolling_sd_3":
        return trailing_standard_deviation(numerator) * row.scale
    raise ValueError(f"unknown transformation {row.transformation!r} of indicator {row.name}")
