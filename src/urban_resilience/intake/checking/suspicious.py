"""Cells of a prepared yearbook far from the city's own neighbouring years."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from urban_resilience.intake.checking.coverage import YEARBOOK
from urban_resilience.intake.checking.folder_database import connect_for
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.shared.database import parquet


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


def find_suspicious(prepared: Path) -> list[SuspiciousCell]:
    """Apply the warehouse's rule (``macros/neighbouring_years.sql``), the farthest cells first.

    Parameters
    ----------
    prepared
        Folder in the raw contract.
    """
    with connect_for(prepared) as connection:
        project = ProjectSql(connection)
        long = project.macro(
            "unpivot_columns",
            parquet(prepared / f"{YEARBOOK}.parquet"),
            ["city_code", "year"],
            project.macro("yearbook_series"),
            "series",
            "value",
        )
        connection.execute(f"create temp table cells as {long}")
        beside = project.macro("beside_neighbours", "cells")
        connection.execute(f"create temp table deviations as {beside}")
        lumpy = project.macro("flagged_series", "is_lumpy")
        rows = connection.execute(
            "select city_code, cast(year as integer), series, value, exp(deviation), "
            f"exponent is not null and series not in ({lumpy}) "
            f"from ({project.macro('far_from_neighbours', 'deviations')}) "
            "order by abs(deviation) desc, city_code, year, series"
        ).fetchall()
    return [SuspiciousCell(*row) for row in rows]
