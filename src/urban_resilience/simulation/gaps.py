"""Where the yearbook has holes.

Four kinds, all fixed before resilience is fitted, because interpolation changes what is computed:

* short interior gaps (one to three years) scattered over all series, to be interpolated;
* one long or edge gap in each of many kept cities, that interpolation cannot fill: together they
  remove exactly the number of city-years that separates the panel from a balanced one;
* a few cities with a series missing for most of the study, which the sample rule drops;
* broadband missing in the early years of some cities, and one city without early investment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from urban_resilience.simulation.geography import Geography
from urban_resilience.simulation.parameters import FIRST_YEAR, STUDY_YEARS, YEARS, Parameters
from urban_resilience.simulation.random_streams import stream

LONGEST_LOSS = 4  # study years; five would drop the city (one third of twelve)
SHORT_GAP_SHARE = 0.10  # chosen: share of city-series with one short interior gap
# series that may carry the long gaps of kept and dropped cities (chosen: the ones with holes in
# real yearbooks)
LONG_GAP_SERIES = (
    "fdi_used_million_usd", "road_freight_10k_tonnes", "college_students_persons",
    "road_area_per_capita_m2", "household_savings_100m_yuan", "new_firms", "patents_granted",
    "science_expenditure_100m_yuan", "registered_unemployed_persons", "loans_100m_yuan",
)  # fmt: skip
# never punched: identifiers of size that everything else is divided by, and in each dimension one
# series that must stay observed to carry the fit
NEVER_SHORT = (
    "gdp_100m_yuan", "registered_population_10k", "land_area_km2",
    "household_savings_100m_yuan", "fiscal_revenue_100m_yuan", "patents_granted",
)  # fmt: skip


@dataclass(frozen=True)
class Gaps:
    """Missing cells.

    Attributes
    ----------
    missing : dict of ndarray of bool, shape (n_cities, n_years)
        By column name.
    dropped : ndarray of bool, shape (n_cities,)
        Cities the sample rule will drop.
    lost_years : ndarray of int, shape (n_cities,)
        Study years each kept city loses.
    """

    missing: dict[str, np.ndarray]
    dropped: np.ndarray
    lost_years: np.ndarray


def draw_gaps(
    parameters: Parameters, geography: Geography, never_member: np.ndarray, names: list[str]
) -> Gaps:
    """Draw the missing cells of all series."""
    rng = stream(parameters.seed, "gaps")
    n = geography.n_cities
    missing = {name: np.zeros((n, len(YEARS)), dtype=bool) for name in names}
    small = np.flatnonzero((geography.importance < np.median(geography.importance)) & ~never_member)
    dropped = np.zeros(n, dtype=bool)
    dropped[rng.choice(small, size=parameters.n_dropped_cities, replace=False)] = True
    _punch_short_gaps(rng, missing, n)
    lost = _draw_lost_years(rng, parameters, geography, ~dropped & ~never_member)
    for city in np.flatnonzero(lost):
        _punch_long_gap(rng, missing, int(city), int(lost[city]))
    for city in np.flatnonzero(dropped):
        series = rng.choice(LONG_GAP_SERIES[:4])
        years_lost = int(rng.integers(6, 9))
        missing[series][city, : STUDY_YEARS[0] - FIRST_YEAR + years_lost] = True
    _punch_investment_start(missing, parameters, lost, dropped)
    _punch_broadband_start(rng, missing, parameters, lost, dropped, geography)
    return Gaps(missing, dropped, lost)


def _punch_short_gaps(rng: np.random.Generator, missing: dict[str, np.ndarray], n: int) -> None:
    for name, cells in missing.items():
        if name in NEVER_SHORT:
            continue
        for city in np.flatnonzero(rng.random(n) < SHORT_GAP_SHARE):
            length = int(rng.choice([1, 2, 3], p=[0.6, 0.25, 0.15]))
            start = int(rng.integers(1, len(YEARS) - length))
            cells[city, start : start + length] = True


def _draw_lost_years(
    rng: np.random.Generator, parameters: Parameters, geography: Geography, eligible: np.ndarray
) -> np.ndarray:
    """Distribute the missing city-years over kept cities, one to four each."""
    lost = np.zeros(geography.n_cities, dtype=int)
    # large cities report completely
    likely = np.flatnonzero(eligible & (geography.importance < 1.0))
    remaining = parameters.n_missing_cells
    for position, city in enumerate(rng.permutation(likely)):
        if remaining == 0:
            return lost
        # the first city loses one year: the city without early investment is chosen among those
        wanted = 1 if position == 0 else int(rng.choice([1, 2, 3, 4], p=[0.15, 0.2, 0.25, 0.4]))
        lost[city] = min(wanted, remaining)
        remaining -= lost[city]
    raise ValueError("more missing city-years than the kept cities can carry")


def _punch_long_gap(
    rng: np.random.Generator, missing: dict[str, np.ndarray], city: int, years_lost: int
) -> None:
    """Blank study years at an edge, or four in the middle, of one series of one city."""
    series = str(rng.choice(LONG_GAP_SERIES))
    cells = missing[series]
    cells[city] = False  # no short gap beside it: two runs might merge
    first_study = STUDY_YEARS[0] - FIRST_YEAR
    kind = rng.choice(
        ["start", "end", "middle"] if years_lost == LONGEST_LOSS else ["start", "end"]
    )
    if kind == "start":
        cells[city, : first_study + years_lost] = True
    elif kind == "end":
        cells[city, len(YEARS) - years_lost :] = True
    else:
        start = int(rng.integers(first_study + 1, len(YEARS) - years_lost))
        cells[city, start : start + years_lost] = True


def _punch_investment_start(
    missing: dict[str, np.ndarray], parameters: Parameters, lost: np.ndarray, dropped: np.ndarray
) -> None:
    """Investment that starts in 2007 leaves no base year for the capital stock."""
    cells = missing["fixed_asset_investment_100m_yuan"]
    cities = np.flatnonzero((lost == 1) & ~dropped)[: parameters.n_late_investment_cities]
    cells[cities] = False
    cells[cities, : 2007 - FIRST_YEAR] = True


def _punch_broadband_start(
    rng: np.random.Generator,
    missing: dict[str, np.ndarray],
    parameters: Parameters,
    lost: np.ndarray,
    dropped: np.ndarray,
    geography: Geography,
) -> None:
    """Broadband that starts late; counts only city-years that are in the sample otherwise."""
    cells = missing["broadband_subscribers_10k"]
    likely = np.flatnonzero(~dropped & (lost == 0) & (geography.importance < 0.5))
    remaining = parameters.n_broadband_missing_cells
    for city in rng.permutation(likely):
        if remaining == 0:
            return
        years = min(remaining, int(rng.integers(3, 8)))
        cells[city] = False
        cells[city, : STUDY_YEARS[0] - FIRST_YEAR + years] = True
        remaining -= years
    raise ValueError("more missing broadband cells than the kept cities can carry")
