"""Cells of a prepared yearbook far from the city's own neighbouring years."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from urban_resilience.formulas.cell_decisions import (
    LUMPY_SERIES,
    beside_neighbours,
    suspicious_cells,
    unit_slips,
)
from urban_resilience.intake.checking.coverage import YEARBOOK, StudySettings
from urban_resilience.intake.vocabulary.contract import contract


@dataclass(frozen=True)
class SuspiciousCell:
    """One cell beside its neighbours.

    ``times`` is the value over the median of the years before and after; ``is_slip`` marks a slip
    of the unit or the decimal point, which the warehouse blanks.
    """

    city_code: str
    year: int
    series: str
    value: float
    times: float
    is_slip: bool


def find_suspicious(prepared: Path, settings: StudySettings) -> list[SuspiciousCell]:
    """Apply the warehouse's rule (``quality.fct_suspicious_cells``), the farthest cells first.

    Parameters
    ----------
    prepared
        Folder in the raw contract.
    settings
        The limits of ``dbt_project.yml``.
    """
    rows = pd.read_parquet(prepared / f"{YEARBOOK}.parquet")
    rows = rows.dropna(subset=["city_code", "year"]).drop_duplicates(["city_code", "year"])
    found = []
    for column in contract()[YEARBOOK].columns:
        if not column.is_number or column.is_key:
            continue
        wide = rows.pivot(index="city_code", columns="year", values=column.name)
        grid = wide.to_numpy(dtype=float)
        odd = suspicious_cells(grid, settings.suspicious_factor, settings.suspicious_spreads)
        deviation, slips = beside_neighbours(grid)[0], unit_slips(grid)
        found += [
            SuspiciousCell(
                city_code=str(wide.index[city]),
                year=int(wide.columns[year]),
                series=column.name,
                value=float(grid[city, year]),
                times=float(np.exp(deviation[city, year])),
                is_slip=bool(slips[city, year]) and column.name not in LUMPY_SERIES,
            )
            for city, year in zip(*np.nonzero(odd), strict=True)
        ]
    return sorted(found, key=lambda cell: -abs(np.log(cell.times)))
