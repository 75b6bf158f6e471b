"""How much of the yearbook a prepared folder holds: by series and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from urban_resilience.intake.checking.folder_database import connect_for
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.database import parquet
from urban_resilience.shared.project import seed_rows

YEARBOOK = "city_yearbook"
# A year outside these bounds is a slip of the pen; the warehouse sets its row aside.
FIRST_YEAR, LAST_YEAR = 1949, 2100


@dataclass(frozen=True)
class StudySettings:
    """What the study says about years and coverage."""

    first_year: int
    last_year: int
    min_coverage: float
    sample_variables: tuple[str, ...]


@dataclass(frozen=True)
class Coverage:
    """Share of the cities with a figure, by series and year.

    Attributes
    ----------
    n_cities
        Distinct cities of the file.
    years
        Years of the file.
    shares
        Series to one share per year.
    """

    n_cities: int
    years: tuple[int, ...]
    shares: dict[str, tuple[float, ...]]

    def n_values(self) -> dict[str, int]:
        """Figures of each series: one per city and year."""
        return {name: round(sum(shares) * self.n_cities) for name, shares in self.shares.items()}

    def in_study_years(self, series: str, settings: StudySettings) -> float:
        """Mean share over the study years, years without any row counting as empty."""
        by_year = dict(zip(self.years, self.shares.get(series, ()), strict=False))
        years = range(settings.first_year, settings.last_year + 1)
        return sum(by_year.get(year, 0.0) for year in years) / len(years)


def study_settings() -> StudySettings:
    """Read the study window, the limits and the variables that decide on the sample."""
    values = {row["setting"]: row["value"] for row in seed_rows("study_settings")}
    deciding = [row["variable"] for row in seed_rows("panel_variables") if row["decides_sample"]]
    return StudySettings(
        int(values["study_start_year"]),
        int(values["study_end_year"]),
        float(values["min_indicator_coverage"]),
        tuple(deciding),
    )


def yearbook_coverage(
    prepared: Path, derived: Mapping[tuple[str, int], int] | None = None
) -> Coverage | None:
    """Return the coverage of the prepared yearbook, None where there is none.

    Parameters
    ----------
    derived
        Number of empty cells that a build derives from other series, by series and year.
    """
    path = prepared / f"{YEARBOOK}.parquet"
    if not path.exists():
        return None
    with connect_for(prepared) as connection:
        source = parquet(path)
        present = {
            row[0]
            for row in connection.execute(
                f"select column_name from (describe select * from {source})"
            ).fetchall()
        }
        series = [column.name for column in contract()[YEARBOOK].columns if column.dimension]
        held = [f"bool_or({n} is not null)" if n in present else "false" for n in series]
        counts = [f"count(*) filter (where held_{place})" for place in range(len(series))]
        of_cities = f"select count(distinct city_code) from {source}"
        n_cities = connection.execute(of_cities).fetchall()[0][0]
        rows = connection.execute(
            f"""
            with city_years as (
                select cast(year as integer) as year, city_code,
                    {", ".join(f"{h} as held_{place}" for place, h in enumerate(held))}
                from {source}
                where year between {FIRST_YEAR} and {LAST_YEAR} and city_code is not null
                group by all
            )
            select year, {", ".join(counts)} from city_years group by 1 order by 1
            """
        ).fetchall()
    more = derived or {}
    shares = {
        name: tuple(
            (row[place + 1] + more.get((name, row[0]), 0)) / max(n_cities, 1) for row in rows
        )
        for place, name in enumerate(series)
        if any(row[place + 1] for row in rows) or not contract()[YEARBOOK].column(name).is_auxiliary
    }
    return Coverage(n_cities, tuple(row[0] for row in rows), shares)
