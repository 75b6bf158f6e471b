"""City-year grids: the shape every formula of this package works on.

A *grid* is a two-dimensional float array of shape ``(n_cities, n_years)``; rows are cities in
ascending ``city_code``, columns are consecutive years, and ``nan`` is a missing cell. Formulas
are written on grids because every one of them is "per city over years" or "per year over cities".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class CityYears:
    """Axes shared by all grids of one study.

    Attributes
    ----------
    city_codes : tuple of str
        Row labels, ascending.
    years : tuple of int
        Column labels, consecutive and ascending.
    """

    city_codes: tuple[str, ...]
    years: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of cities and number of years."""
        return len(self.city_codes), len(self.years)

    def columns_of(self, years: Sequence[int]) -> slice:
        """Columns of a run of consecutive years.

        Parameters
        ----------
        years : sequence of int
            Consecutive years inside ``self.years``.

        Raises
        ------
        KeyError
            If the first or last year is outside the axis.
        """
        first, last = int(years[0]), int(years[-1])
        if first < self.years[0] or last > self.years[-1]:
            raise KeyError(f"years {first}-{last} are outside {self.years[0]}-{self.years[-1]}")
        return slice(first - self.years[0], last - self.years[0] + 1)


def city_year_axes(frame: pd.DataFrame) -> CityYears:
    """Axes spanned by a frame with columns ``city_code`` and ``year``.

    The years run from the smallest to the largest of the frame without holes, so a row that is
    absent becomes a missing cell.
    """
    years = tuple(range(int(frame["year"].min()), int(frame["year"].max()) + 1))
    return CityYears(tuple(sorted(frame["city_code"].unique())), years)


def to_grid(frame: pd.DataFrame, column: str, axes: CityYears) -> np.ndarray:
    """Lay one column of a long frame on a grid.

    Parameters
    ----------
    frame : DataFrame
        Columns ``city_code``, ``year`` and `column`; unique on the first two.
    column : str
        Column to lay out, in its own unit.
    axes : CityYears
        Axes of the result; rows of `frame` outside them are ignored.

    Returns
    -------
    ndarray of float, shape (n_cities, n_years)

    Raises
    ------
    ValueError
        If a city-year occurs twice.
    """
    if frame.duplicated(["city_code", "year"]).any():
        raise ValueError("a city-year occurs more than once")
    rows = pd.Index(axes.city_codes).get_indexer(frame["city_code"])
    columns = frame["year"].to_numpy() - axes.years[0]
    inside = (rows >= 0) & (columns >= 0) & (columns < len(axes.years))
    grid = np.full(axes.shape, np.nan)
    values = pd.to_numeric(frame[column]).to_numpy(dtype=float, na_value=np.nan)
    grid[rows[inside], columns[inside]] = values[inside]
    return grid


def to_long(grids: dict[str, np.ndarray], axes: CityYears) -> pd.DataFrame:
    """Stack grids into one frame with a row per city-year, sorted by city and year."""
    n_cities, n_years = axes.shape
    frame = pd.DataFrame(
        {
            "city_code": np.repeat(axes.city_codes, n_years),
            "year": np.tile(axes.years, n_cities),
        }
    )
    return frame.assign(**{name: grid.reshape(-1) for name, grid in grids.items()})


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Divide; a zero denominator gives a missing value, never an infinite one."""
    usable = np.where(denominator == 0, np.nan, denominator)
    return numerator / usable


def positive_log(values: np.ndarray) -> np.ndarray:
    """Natural logarithm; zero and negative values give missing."""
    return np.log(np.where(values > 0, values, np.nan))
