"""Indicators as rows: what seed ``resilience_indicators`` says of one, and its value.

A row names a transformation, one or two raw series and a scale. The fourteen indicators of the
paper are written out by hand beside it (:mod:`.resilience_indicators`): the two must agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from urban_resilience.formulas.panel import ratio
from urban_resilience.formulas.rolling_deviation import trailing_standard_deviation


@dataclass(frozen=True)
class IndicatorRow:
    """One row of the seed.

    Attributes
    ----------
    name, dimension : str
    direction : int
        +1 where more is better, -1 where less is.
    transformation : str
        ``ratio``, ``level`` or ``rolling_sd_3``.
    numerator : str
        Raw series.
    denominator : str or None
        Raw series of a ratio.
    scale : float
        Factor that brings the value to the unit of the indicator.
    """

    name: str
    dimension: str
    direction: int
    transformation: str
    numerator: str
    denominator: str | None
    scale: float


def read_indicators(rows: Iterable[Mapping[str, str]]) -> tuple[IndicatorRow, ...]:
    """Read rows of the seed as text, the direction used (not the printed one)."""
    return tuple(
        IndicatorRow(
            name=row["indicator_id"],
            dimension=row["dimension"],
            direction=1 if row["direction_used"] == "positive" else -1,
            transformation=row["transformation"],
            numerator=row["numerator"],
            denominator=row["denominator"] if isinstance(row["denominator"], str) else None,
            scale=float(row["scale"]),
        )
        for row in rows
    )


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
