"""From raw files to the estimation panel: the formulas in the order of the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.formulas.cell_decisions import decide_cells
from urban_resilience.formulas.controls import CONTROLS, control_variables
from urban_resilience.formulas.digital_coefficients import digital_coefficients
from urban_resilience.formulas.digital_infrastructure import digital_infrastructure
from urban_resilience.formulas.entropy_index import EntropyIndex, entropy_index
from urban_resilience.formulas.geographic_agglomeration import geographic_agglomeration
from urban_resilience.formulas.indicators import IndicatorRow, indicator_values
from urban_resilience.formulas.instrument import identified_instrument, instrument_as_printed
from urban_resilience.formulas.interpolation import carry_nearest, interpolate_interior_gaps
from urban_resilience.formulas.location_quotients import active_member_stocks
from urban_resilience.formulas.market_potential import great_circle_km, market_potential
from urban_resilience.formulas.martin_resilience import martin_resilience
from urban_resilience.formulas.misallocation import (
    chained_level,
    misallocation,
    perpetual_inventory,
)
from urban_resilience.formulas.panel import CityYears, city_year_axes, to_grid, to_long
from urban_resilience.formulas.resilience_indicators import (
    DIMENSIONS,
    INDICATORS,
    Indicator,
    resilience_indicators,
    screen_indicators,
)
from urban_resilience.formulas.sample_rule import SampleDecision, apply_sample_rule
from urban_resilience.formulas.shift_share import census_shares, digital_service_penetration
from urban_resilience.formulas.virtual_agglomeration import virtual_agglomeration
from urban_resilience.formulas.winsorizing import winsorize

STUDY_YEARS = tuple(range(2008, 2020))
PRICE_BASE_YEAR = 2005

WINSORIZED = (
    "resi", *DIMENSIONS, "vagg", *CONTROLS, "iv", "iv_identified", "dist", "dist_k", "dist_l",
    "mp", "lmp", "hmp", "agg", "dsp", "martin_resilience", "digital_infrastructure",
)  # fmt: skip


@dataclass(frozen=True)
class Resilience:
    """Resilience of kept cities; grids are missing outside the entropy population.

    Attributes
    ----------
    index : EntropyIndex
        Weights and scores over the stacked population.
    resi : ndarray, shape (n_cities, n_study_years)
    dimensions : dict of ndarray, shape (n_cities, n_study_years)
    """

    index: EntropyIndex
    resi: np.ndarray
    dimensions: dict[str, np.ndarray]


@dataclass(frozen=True)
class StudyPanel:
    """Everything the baseline needs.

    Attributes
    ----------
    axes : CityYears
        Kept cities and study years.
    decision : SampleDecision
        Over all yearbook cities.
    resilience : Resilience
    variables : DataFrame
        One row per kept city and study year, winsorized, with ``is_estimation_sample``.
    alpha : float
        Capital elasticity behind ``dist``; nan when it cannot be estimated.
    """

    axes: CityYears
    decision: SampleDecision
    resilience: Resilience
    variables: pd.DataFrame
    alpha: float


def fill_raw_series(grids: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Interpolate every raw series; carry land area to the cells still missing."""
    filled = {name: interpolate_interior_gaps(grid) for name, grid in grids.items()}
    if "land_area_km2" in filled:
        filled["land_area_km2"] = carry_nearest(filled["land_area_km2"])
    return filled


def sample_decision(
    indicators: dict[str, np.ndarray],
    used: tuple[str, ...],
    controls: dict[str, np.ndarray],
    has_vagg: np.ndarray,
    study: slice,
) -> SampleDecision:
    """Apply the sample rule to all cities; ``resi`` needs all used indicators."""
    complete = np.all([np.isfinite(indicators[name][:, study]) for name in used], axis=0)
    available = {"resi": complete, "vagg": has_vagg}
    available |= {name: np.isfinite(controls[name][:, study]) for name in CONTROLS}
    return apply_sample_rule(available)


def resilience_of(
    indicators: dict[str, np.ndarray],
    used: tuple[str, ...],
    kept: np.ndarray,
    study: slice,
    definitions: Sequence[Indicator | IndicatorRow] = INDICATORS,
) -> Resilience:
    """Entropy-weighted resilience over the city-years of kept cities with all used indicators."""
    chosen = [indicator for indicator in definitions if indicator.name in used]
    cube = np.stack([indicators[i.name][kept][:, study] for i in chosen], axis=-1)
    complete = np.isfinite(cube).all(axis=-1)
    index = entropy_index(
        cube[complete],
        tuple(i.name for i in chosen),
        tuple(i.direction for i in chosen),
        tuple(i.dimension for i in chosen),
    )
    resi = _scatter(index.index, complete)
    scores = {
        name: _scatter(index.dimension_score[:, k], complete)
        for k, name in enumerate(index.dimensions)
    }
    return Resilience(index, resi, scores)


def _scatter(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    grid = np.full(where.shape, np.nan)
    grid[where] = values
    return grid


def study_panel(
    yearbook: pd.DataFrame,
    members: pd.DataFrame,
    flows: pd.DataFrame,
    output: pd.DataFrame,
    census: pd.DataFrame,
    national: pd.DataFrame,
    cities: pd.DataFrame,
    industry_sectors: dict[str, str],
    study_years: tuple[int, ...] = STUDY_YEARS,
    cell_decisions: pd.DataFrame | None = None,
    indicator_rows: Sequence[IndicatorRow] = (),
) -> StudyPanel:
    """Compute the estimation panel from the raw files.

    Parameters
    ----------
    yearbook, members, flows, output, census, national : DataFrame
        The raw files ``city_yearbook``, ``platform_members``, ``input_output_flows``,
        ``industry_output``, ``economic_census_employment`` and ``national_series``.
    cities : DataFrame
        ``city_code``, ``longitude``, ``latitude`` (decimal degrees).
    industry_sectors : dict
        Sector of every industry code; records of unmapped industries are left out.
    study_years : tuple of int
        Consecutive years.
    cell_decisions : DataFrame, optional
        Rows of the seed of that name that apply to these data.
    indicator_rows : sequence of IndicatorRow, optional
        Indicators of resilience; the paper's fourteen, written out by hand, when not given.

    Returns
    -------
    StudyPanel

    Raises
    ------
    ValueError
        If a formula meets data it cannot use (see the formula modules).
    """
    axes = city_year_axes(yearbook)
    study = axes.columns_of(study_years)
    names = [c for c in yearbook.columns if c not in ("city_code", "city_name_zh", "year")]
    supplied = {name: to_grid(yearbook, name, axes) for name in names}
    raw = fill_raw_series(decide_cells(supplied, axes, cell_decisions))
    indicators = (
        indicator_values(indicator_rows, raw) if indicator_rows else resilience_indicators(raw)
    )
    used = tuple(screen_indicators(indicators, study))
    controls = control_variables(raw)
    has_vagg = np.ones((len(axes.city_codes), len(study_years)), dtype=bool)
    decision = sample_decision(indicators, used, controls, has_vagg, study)
    kept = decision.kept
    kept_axes = CityYears(tuple(np.asarray(axes.city_codes)[kept]), tuple(study_years))
    resilience = resilience_of(indicators, used, kept, study, indicator_rows or INDICATORS)
    factors = factor_variables(raw, axes, kept, study)
    grids = {"resi": resilience.resi, **resilience.dimensions}
    grids |= member_variables(members, flows, output, census, national, industry_sectors, kept_axes)
    grids |= {name: controls[name][kept][:, study] for name in CONTROLS}
    grids |= factors[1]
    grids |= digital_variables(raw, kept, study, kept_axes, cities)
    winsorized = {name: winsorize(grids[name]) for name in WINSORIZED}
    variables = to_long(winsorized, kept_axes)
    variables["is_estimation_sample"] = decision.in_sample[kept].reshape(-1)
    return StudyPanel(kept_axes, decision, resilience, variables, factors[0])


def factor_variables(
    raw: dict[str, np.ndarray], axes: CityYears, kept: np.ndarray, study: slice
) -> tuple[float, dict[str, np.ndarray]]:
    """Capital elasticity, misallocation and Martin resilience of kept cities."""
    base = axes.years.index(PRICE_BASE_YEAR)
    cells = (kept, slice(base, None))
    years = axes.years[base:]
    inside = slice(study.start - base, study.stop - base)
    kept_raw = {
        name: raw[name][cells[0]][:, cells[1]]
        for name in (
            "cpi_prev_year_100", "gdp_index_prev_year_100", "gdp_100m_yuan",
            "fixed_asset_investment_100m_yuan", "employed_persons_10k",
        )
    }  # fmt: skip
    prices = chained_level(kept_raw["cpi_prev_year_100"], np.ones(int(kept.sum())))
    real_gdp = chained_level(kept_raw["gdp_index_prev_year_100"], kept_raw["gdp_100m_yuan"][:, 0])
    investment = kept_raw["fixed_asset_investment_100m_yuan"] / prices
    capital = perpetual_inventory(investment, years)
    found = misallocation(
        real_gdp[:, inside], capital[:, inside], kept_raw["employed_persons_10k"][:, inside]
    )
    grids = {"dist": found.dist, "dist_k": found.dist_k, "dist_l": found.dist_l}
    grids["martin_resilience"] = martin_resilience(real_gdp, years)[:, inside]
    return found.alpha, grids


def member_variables(
    members: pd.DataFrame,
    flows: pd.DataFrame,
    output: pd.DataFrame,
    census: pd.DataFrame,
    national: pd.DataFrame,
    industry_sectors: Mapping[str, str],
    axes: CityYears,
) -> dict[str, np.ndarray]:
    """Virtual agglomeration, instruments and digital service penetration of kept cities."""
    sectors = tuple(sorted(output["sector"].unique()))
    mapped = members.assign(sector=members["industry_code"].astype(str).map(industry_sectors))
    years = axes.years
    first = min(2005, years[0])
    all_years = tuple(range(first, years[-1] + 1))
    stocks = active_member_stocks(mapped, axes.city_codes, sectors, all_years)
    in_study = stocks[:, :, years[0] - first :]
    coefficients = digital_coefficients(flows, output, sectors, years)
    users = national.set_index("year")["internet_users_million"] * 100
    members_2005 = stocks[:, :, 2005 - first].sum(axis=1)
    shares = census_shares(census, list(axes.city_codes), sectors, industry_sectors)
    previous_users = users.loc[[year - 1 for year in years]].to_numpy()
    return {
        "vagg": virtual_agglomeration(in_study, coefficients),
        "iv": instrument_as_printed(members_2005, users.loc[list(years)].to_numpy()),
        "iv_identified": identified_instrument(members_2005, previous_users),
        "dsp": digital_service_penetration(shares, coefficients),
    }


def digital_variables(
    raw: dict[str, np.ndarray],
    kept: np.ndarray,
    study: slice,
    axes: CityYears,
    cities: pd.DataFrame,
) -> dict[str, np.ndarray]:
    """Market potential, geographic agglomeration and digital infrastructure of kept cities."""
    own = {name: grid[kept][:, study] for name, grid in raw.items()}
    seats = cities.set_index("city_code").loc[list(axes.city_codes)]
    distance = great_circle_km(seats["longitude"].to_numpy(), seats["latitude"].to_numpy())
    potential = market_potential(
        own["retail_sales_100m_yuan"],
        own["broadband_subscribers_10k"],
        own["registered_population_10k"],
        own["land_area_km2"],
        distance,
    )
    return {
        "mp": potential.mp,
        "lmp": potential.lmp,
        "hmp": potential.hmp,
        "agg": geographic_agglomeration(own["above_scale_industrial_firms"], own["land_area_km2"]),
        "digital_infrastructure": digital_infrastructure(own),
    }
