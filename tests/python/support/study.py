"""The study recomputed from a raw folder with NumPy and pandas, sharing no code with the SQL.

Only what several test modules need stands here: cleaned series, indicators, the sample, member
stocks and digital coefficients. Everything further down is recomputed beside its comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from support.dbt import ROOT
from urban_resilience.formulas.cell_decisions import decide_cells
from urban_resilience.formulas.controls import control_variables
from urban_resilience.formulas.digital_coefficients import digital_coefficients
from urban_resilience.formulas.expressions import evaluate_all
from urban_resilience.formulas.indicators import IndicatorRow, indicator_values, read_indicators
from urban_resilience.formulas.location_quotients import active_member_stocks
from urban_resilience.formulas.panel import CityYears, city_year_axes, to_grid
from urban_resilience.formulas.resilience_indicators import INDICATORS
from urban_resilience.formulas.sample_rule import SampleDecision, apply_sample_rule
from urban_resilience.formulas.study_panel import fill_raw_series

STUDY_YEARS = tuple(range(2008, 2020))
MIN_COVERAGE = 0.8


def seed(name: str) -> pd.DataFrame:
    """Read a reference or study seed as text."""
    return pd.read_csv(next((ROOT / "seeds").glob(f"*/{name}.csv")), dtype=str)


def expressions(name: str) -> dict[str, str]:
    """Expressions of a seed by the name that they define."""
    rows = seed(name)
    return dict(zip(rows.iloc[:, 0], rows["expression"], strict=True))


def indicator_rows(indicator_set: str | None = None) -> tuple[IndicatorRow, ...]:
    """Indicators as the seed has them, all of them or one set's."""
    rows = seed("resilience_indicators").to_dict("records")
    if indicator_set is None:
        return read_indicators(rows)
    members = seed("index_indicators").query("indicator_set == @indicator_set")
    return read_indicators(rows, members.to_dict("records"))


# What the simulator planted, and what README shows, holds for the indicators of the paper.
of_the_papers_indicators = pytest.mark.skipif(
    {row.name for row in indicator_rows("resilience")} != {i.name for i in INDICATORS},
    reason="seed resilience_indicators has other indicators of resilience than the paper",
)


@dataclass(frozen=True)
class Members:
    """Member stocks of all yearbook cities.

    ``stocks`` and ``joiners`` have shape (n_cities, n_sectors, n_years); ``is_counted``
    (n_cities, n_years) says where the raw data give a number at all.
    """

    sectors: tuple[str, ...]
    years: tuple[int, ...]
    stocks: np.ndarray
    joiners: np.ndarray | None
    is_counted: np.ndarray


class Study:
    """One raw folder, recomputed step by step and on demand."""

    def __init__(self, raw: Path):
        self.raw = raw

    def read(self, name: str) -> pd.DataFrame | None:
        """Read a raw file by name, with codes as six digits; None where the file is absent."""
        for path in (self.raw / f"{name}.parquet", self.raw / f"{name}.csv"):
            if path.exists():
                is_csv = path.suffix == ".csv"
                rows = pd.read_csv(path, dtype=str) if is_csv else pd.read_parquet(path)
                if "city_code" in rows:
                    rows["city_code"] = rows["city_code"].astype(str).str.zfill(6)
                return rows
        return None

    @cached_property
    def yearbook(self) -> pd.DataFrame:
        return self.read("city_yearbook")

    @cached_property
    def axes(self) -> CityYears:
        return city_year_axes(self.yearbook)

    @cached_property
    def study(self) -> slice:
        """Columns of the study years on the grids of all years."""
        return self.axes.columns_of(STUDY_YEARS)

    @cached_property
    def series(self) -> tuple[str, ...]:
        keys = ("city_code", "city_name_zh", "year")
        return tuple(name for name in self.yearbook.columns if name not in keys)

    @cached_property
    def supplied(self) -> dict[str, np.ndarray]:
        return {name: to_grid(self.yearbook, name, self.axes) for name in self.series}

    @cached_property
    def observed(self) -> dict[str, np.ndarray]:
        """The supplied values after decisions about single cells."""
        origin = "simulated" if (self.raw / "truth.json").exists() else "supplied"
        decisions = seed("cell_decisions")
        return decide_cells(self.supplied, self.axes, decisions[decisions["applies_to"] == origin])

    @cached_property
    def filled(self) -> dict[str, np.ndarray]:
        return fill_raw_series(self.observed)

    @cached_property
    def national(self) -> pd.DataFrame:
        """National series by year; a supplied year replaces the seed's."""
        known = seed("national_series").set_index("year")
        known = known.drop(columns="evidence", errors="ignore").astype(float)
        known.index = known.index.astype(int)
        supplied = self.read("national_series")
        if supplied is None:
            return known
        supplied = supplied.set_index(supplied["year"].astype(int))
        columns = [name for name in known if name in supplied]
        return supplied[columns].astype(float).combine_first(known)

    @cached_property
    def known(self) -> dict[str, np.ndarray]:
        """What the study knows before it computes anything, on grids of all cities and years."""
        found = {f"series.{name}": grid for name, grid in self.filled.items()}
        years = self.national.reindex(list(self.axes.years))
        for name in years:
            found[f"national.{name}"] = np.broadcast_to(years[name].to_numpy(), self.axes.shape)
        codes = np.array(self.axes.city_codes)
        for name, rows in seed("city_groups").groupby("group_id"):
            found[f"group.{name}"] = self._every_year(
                np.isin(codes, rows["city_code"]).astype(float)
            )
        cities = seed("cities").merge(seed("provinces"), on="province_code", suffixes=("", "_of"))
        cities = cities.rename(columns={"province_name_en": "province"})
        cities = cities.set_index("city_code").reindex(codes)
        for name in ("longitude", "latitude"):
            found[f"place.{name}"] = self._every_year(cities[name].to_numpy(dtype=float))
        provinces = cities["province"].astype(object)
        provinces = provinces.where(provinces.notna(), None).to_numpy(dtype=object)
        found["place.province"] = self._every_year(provinces)
        plain = {name.partition(".")[2]: grid for name, grid in reversed(found.items())}
        return plain | found

    def _every_year(self, of_cities: np.ndarray) -> np.ndarray:
        return np.broadcast_to(of_cities[:, None], self.axes.shape)

    @cached_property
    def indicators(self) -> dict[str, np.ndarray]:
        without = evaluate_all(expressions("panel_variables"), self.known, self.axes.shape)
        return indicator_values(indicator_rows(), self.known | without)

    @cached_property
    def early_variables(self) -> dict[str, np.ndarray]:
        """Variables that need no index and no measure, from the rows of the seed."""
        named = {f"indicator.{name}": grid for name, grid in self.indicators.items()}
        data = self.known | self.indicators | named
        return evaluate_all(expressions("panel_variables"), data, self.axes.shape)

    @cached_property
    def coverage(self) -> dict[str, float]:
        return {
            name: float(np.isfinite(grid[:, self.study]).mean())
            for name, grid in self.indicators.items()
        }

    @cached_property
    def used(self) -> tuple[str, ...]:
        return tuple(name for name, share in self.coverage.items() if share >= MIN_COVERAGE)

    @cached_property
    def controls(self) -> dict[str, np.ndarray]:
        return control_variables(self.filled)

    @cached_property
    def sector_of(self) -> dict[str, str]:
        """Sector of every industry code that occurs in the raw files and can be mapped."""
        industries = seed("industries").set_index("industry_code")["sector"].to_dict()
        output = self.read("industry_output")
        sectors = set(seed("sectors")["sector"]) | set([] if output is None else output["sector"])
        files = ("platform_members", "platform_member_counts", "economic_census_employment")
        present = [rows for rows in map(self.read, files) if rows is not None]
        codes = {str(code).strip() for rows in present for code in rows["industry_code"].unique()}
        mapped = {}
        for code in codes:
            three_digits = industries.get(code[:3]) if len(code) >= 3 else None
            sector = code if code in sectors else three_digits or industries.get(code[:2])
            if sector is not None:
                mapped[code] = sector
        return mapped

    @cached_property
    def members(self) -> Members:
        records, counts = self.read("platform_members"), self.read("platform_member_counts")
        source = counts if records is None else records
        sector = source["industry_code"].astype(str).str.strip().map(self.sector_of)
        source = source.assign(sector=sector).dropna(subset=["sector"])
        sectors = tuple(sorted(source["sector"].unique()))
        build = self._counted if records is None else self._recorded
        return build(source, sectors)

    def _recorded(self, records: pd.DataFrame, sectors: tuple[str, ...]) -> Members:
        records = records.assign(joined_year=pd.to_numeric(records["joined_year"]))
        years = self.axes.years
        stocks = active_member_stocks(records, self.axes.city_codes, sectors, years)
        # A joiner is a member for one year only.
        one_year = records.assign(expired_year=records["joined_year"])
        joiners = active_member_stocks(one_year, self.axes.city_codes, sectors, years)
        everywhere = np.ones(self.axes.shape, dtype=bool)
        return Members(sectors, years, stocks.astype(float), joiners.astype(float), everywhere)

    def _counted(self, counts: pd.DataFrame, sectors: tuple[str, ...]) -> Members:
        totals = counts.groupby(["city_code", "sector", "year"])["member_count"].sum()
        keys = pd.MultiIndex.from_product([self.axes.city_codes, sectors, self.axes.years])
        shape = (len(self.axes.city_codes), len(sectors), len(self.axes.years))
        stocks = totals.reindex(keys).to_numpy(dtype=float).reshape(shape)
        is_counted = np.isfinite(stocks).any(axis=1)
        return Members(sectors, self.axes.years, np.nan_to_num(stocks), None, is_counted)

    @cached_property
    def decision(self) -> SampleDecision:
        needed = [row.name for row in indicator_rows("resilience") if row.name in self.used]
        has = {
            "resi": np.all([np.isfinite(self.indicators[n][:, self.study]) for n in needed], axis=0)
        }
        has["vagg"] = self.members.is_counted[:, self.study]
        for name, grid in self.early_variables.items():
            has[name] = np.isfinite(grid[:, self.study])
        deciding = seed("panel_variables").query("decides_sample == 'true'")["variable"]
        return apply_sample_rule({name: has[name] for name in deciding})

    @cached_property
    def kept(self) -> np.ndarray:
        known = np.isin(self.axes.city_codes, seed("cities")["city_code"])
        return self.decision.kept & known

    @cached_property
    def kept_axes(self) -> CityYears:
        return CityYears(tuple(np.asarray(self.axes.city_codes)[self.kept]), STUDY_YEARS)

    def of_kept(self, grid: np.ndarray) -> np.ndarray:
        """Kept cities and study years of a grid (or cube with the years last)."""
        return grid[self.kept][..., self.study]

    def coefficients(self, definition: str, years: tuple[int, ...] = STUDY_YEARS) -> np.ndarray:
        """Digital coefficients of the member sectors, shape (n_sectors, n_years)."""
        digital = seed("digital_industries").query("definition == @definition")["sector"]
        return digital_coefficients(
            self.read("input_output_flows"),
            self.read("industry_output"),
            self.members.sectors,
            years,
            tuple(digital),
        )
