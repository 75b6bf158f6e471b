"""Draw one simulated data set in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from urban_resilience.formulas.controls import control_variables
from urban_resilience.formulas.digital_coefficients import digital_coefficients
from urban_resilience.formulas.location_quotients import active_member_stocks
from urban_resilience.formulas.panel import CityYears
from urban_resilience.formulas.shift_share import census_shares, digital_service_penetration
from urban_resilience.formulas.study_panel import (
    StudyPanel,
    digital_variables,
    factor_variables,
    fill_raw_series,
    study_panel,
)
from urban_resilience.formulas.virtual_agglomeration import virtual_agglomeration
from urban_resilience.simulation.census import simulate_census
from urban_resilience.simulation.effects import systematic_effect
from urban_resilience.simulation.employment import simulate_employment
from urban_resilience.simulation.gaps import Gaps, draw_gaps
from urban_resilience.simulation.geography import (
    Geography,
    build_geography,
    default_seeds_folder,
    read_seed,
)
from urban_resilience.simulation.input_output import simulate_input_output
from urban_resilience.simulation.members import digital_intensity, simulate_members
from urban_resilience.simulation.parameters import STUDY, STUDY_YEARS, YEARS, Parameters
from urban_resilience.simulation.raw_series import COLUMNS, free_raw_series, punched, rounded
from urban_resilience.simulation.resilience_target import FittedResilience, fit_resilience
from urban_resilience.simulation.traits import simulate_traits
from urban_resilience.simulation.yearbook import simulate_yearbook


@dataclass(frozen=True)
class SimulatedData:
    """The raw files as frames, and what is known about how they came about.

    Attributes
    ----------
    platform_members, city_yearbook, input_output_flows, industry_output,
    economic_census_employment, national_series : DataFrame
        The raw files.
    parameters : Parameters
    geography : Geography
    industry_sectors : dict
        Sector of every industry code.
    kept : ndarray of bool, shape (n_cities,)
        Cities that the sample rule keeps by construction.
    fitted : FittedResilience
        Structural targets of the dimensions.
    """

    platform_members: pd.DataFrame
    city_yearbook: pd.DataFrame
    input_output_flows: pd.DataFrame
    industry_output: pd.DataFrame
    economic_census_employment: pd.DataFrame
    national_series: pd.DataFrame
    parameters: Parameters
    geography: Geography
    industry_sectors: dict[str, str]
    kept: np.ndarray
    fitted: FittedResilience

    def panel(self) -> StudyPanel:
        """Estimation panel computed from the frames by the formulas."""
        return study_panel(
            self.city_yearbook,
            self.platform_members,
            self.input_output_flows,
            self.industry_output,
            self.economic_census_employment,
            self.national_series,
            self.geography.cities,
            self.industry_sectors,
        )


def simulate(
    parameters: Parameters | None = None,
    seeds_folder: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> SimulatedData:
    """Simulate all raw data.

    Parameters
    ----------
    parameters : Parameters, optional
        The study's size by default; a smaller ``n_cities`` and ``n_member_records`` (with fewer
        missing cells) gives a small data set quickly.
    seeds_folder : Path, optional
        Reference seeds; those of the project by default.
    report : callable
        Receives a line of progress.

    Returns
    -------
    SimulatedData

    Raises
    ------
    FileNotFoundError
        If a reference seed is missing.
    ValueError
        If the parameters ask for more cities or gaps than there are.
    """
    parameters = parameters or Parameters()
    seeds_folder = Path(seeds_folder or default_seeds_folder())
    geography = build_geography(parameters.seed, parameters.n_cities, seeds_folder)
    industry_sectors = _industry_sectors(seeds_folder)
    national = _national_series(seeds_folder)
    report("input-output tables")
    flows, output = simulate_input_output(parameters)
    report("platform members")
    digital = digital_intensity(parameters, geography)
    members = simulate_members(parameters, geography, digital)
    report("city yearbook")
    traits = simulate_traits(parameters, geography, digital.trait)
    given, free = simulate_yearbook(parameters, geography, digital, traits)
    gaps = draw_gaps(parameters, geography, digital.is_never, list(COLUMNS))
    kept = ~gaps.dropped
    vagg = _vagg(members, flows, output, geography, kept, industry_sectors)
    given["employed_persons_10k"] = simulate_employment(
        parameters, given, _all_years(vagg, kept), kept
    )
    census = simulate_census(
        parameters, geography, digital, given["employed_persons_10k"][:, STUDY.start]
    )
    given = given | _rounded_given(given, free)
    report("resilience")
    panel = _regressors(given, free, gaps, geography, kept) | {"vagg": vagg}
    panel["dsp"] = _dsp(census, flows, output, geography, kept, industry_sectors)
    effect = systematic_effect(parameters, geography, kept, panel)
    fitted = fit_resilience(parameters, given, free, gaps.missing, kept, effect, vagg.mean(axis=1))
    yearbook = _yearbook_frame(geography, given, fitted.free, gaps)
    return SimulatedData(
        members, yearbook, flows, output, census, national, parameters, geography,
        industry_sectors, kept, fitted,
    )  # fmt: skip


def _industry_sectors(seeds_folder: Path) -> dict[str, str]:
    seed = read_seed(seeds_folder, "industries")
    return dict(zip(seed["industry_code"], seed["sector"], strict=True))


def _national_series(seeds_folder: Path) -> pd.DataFrame:
    seed = read_seed(seeds_folder, "national_series")
    return pd.DataFrame(
        {
            "year": seed["year"].astype(np.int32),
            "internet_users_million": seed["internet_users_million"].astype(float),
        }
    )


def _vagg(
    members: pd.DataFrame,
    flows: pd.DataFrame,
    output: pd.DataFrame,
    geography: Geography,
    kept: np.ndarray,
    industry_sectors: Mapping[str, str],
) -> np.ndarray:
    """Virtual agglomeration of kept cities in study years, before winsorizing."""
    codes = tuple(geography.cities["city_code"].to_numpy()[kept])
    sectors = tuple(sorted(output["sector"].unique()))
    mapped = members.assign(sector=members["industry_code"].astype(str).map(industry_sectors))
    stocks = active_member_stocks(mapped, codes, sectors, STUDY_YEARS)
    return virtual_agglomeration(stocks, digital_coefficients(flows, output, sectors, STUDY_YEARS))


def _dsp(
    census: pd.DataFrame,
    flows: pd.DataFrame,
    output: pd.DataFrame,
    geography: Geography,
    kept: np.ndarray,
    industry_sectors: Mapping[str, str],
) -> np.ndarray:
    """Digital service penetration of kept cities in study years, before winsorizing."""
    codes = list(geography.cities["city_code"].to_numpy()[kept])
    sectors = tuple(sorted(output["sector"].unique()))
    shares = census_shares(census, codes, sectors, industry_sectors)
    coefficients = digital_coefficients(flows, output, sectors, STUDY_YEARS)
    return digital_service_penetration(shares, coefficients)


def _all_years(vagg: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Spread vagg over all cities and years; earlier years repeat the first."""
    grid = np.zeros((len(kept), len(YEARS)))
    grid[kept] = np.pad(vagg, ((0, 0), (STUDY.start, 0)), mode="edge")
    return grid


def _rounded_given(
    given: dict[str, np.ndarray], free: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Round the given series before anything is computed from them."""
    return rounded(given | free_raw_series(free, given))


def _regressors(
    given: dict[str, np.ndarray],
    free: dict[str, np.ndarray],
    gaps: Gaps,
    geography: Geography,
    kept: np.ndarray,
) -> dict[str, np.ndarray]:
    """Everything the structural equation needs, from the series as they will be read."""
    series = punched(given | free_raw_series(free, given), gaps.missing)
    raw = fill_raw_series(series)
    codes = tuple(geography.cities["city_code"])
    axes = CityYears(codes, YEARS)
    kept_axes = CityYears(tuple(np.asarray(codes)[kept]), STUDY_YEARS)
    grids = {name: grid[kept][:, STUDY] for name, grid in control_variables(raw).items()}
    grids |= factor_variables(raw, axes, kept, STUDY)[1]
    return grids | digital_variables(raw, kept, STUDY, kept_axes, geography.cities)


def _yearbook_frame(
    geography: Geography, given: dict[str, np.ndarray], free: dict[str, np.ndarray], gaps: Gaps
) -> pd.DataFrame:
    """Long frame of the yearbook with its gaps, sorted by city and year."""
    series = rounded(given | free_raw_series(free, given))
    series = punched(series, gaps.missing)
    n, years = geography.n_cities, np.asarray(YEARS, dtype=np.int32)
    frame = pd.DataFrame(
        {
            "city_code": np.repeat(geography.cities["city_code"].to_numpy(), len(years)),
            "city_name_zh": np.repeat(geography.cities["city_name_zh"].to_numpy(), len(years)),
            "year": np.tile(years, n),
        }
    )
    return frame.assign(**{name: series[name].reshape(-1) for name in COLUMNS})
