"""Cities of the simulation: which ones, how important, in which groups, with which pilots."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from urban_resilience.simulation.random_streams import normal_scores, standardized, stream

# Cities that the literature's 284-city panels usually leave out: recent prefecture-level cities
# and cities whose yearbook pages are mostly empty.
USUALLY_LEFT_OUT = (
    "460300", "460400", "520500", "520600", "540100", "540200", "540300", "540400", "540500",
    "540600", "630200", "650400", "650500",
)  # fmt: skip
MUNICIPALITIES = ("110000", "120000", "310000", "500000")
FIRST_TIER = ("110000", "310000", "440100", "440300")
SECOND_TIER = (
    "120000", "210100", "210200", "220100", "230100", "320100", "320200", "320500", "330100",
    "330200", "350200", "370100", "370200", "410100", "420100", "430100", "440600", "441900",
    "500000", "510100", "610100",
)  # fmt: skip
COASTAL_PROVINCES = ("32", "33", "35", "37", "44")
WESTERN_PROVINCES = ("14", "15", "45", "52", "53", "61", "62", "63", "64", "65")
NORTH_EASTERN_PROVINCES = ("21", "22", "23")
AGGLOMERATIONS = (
    "jing_jin_ji", "yangtze_river_delta", "pearl_river_delta", "middle_yangtze",
    "chengdu_chongqing",
)  # fmt: skip
IMPORTANCE_NOISE = 0.55  # chosen: cities of one kind still differ


@dataclass(frozen=True)
class Geography:
    """Cities in ascending code order.

    Attributes
    ----------
    cities : DataFrame
        ``city_code``, ``city_name_zh``, ``province_code``, ``longitude``, ``latitude``.
    importance : ndarray, shape (n_cities,)
        Standardized urban hierarchy score; skewed to the right as the hierarchy is.
    is_old_industrial, is_agglomeration, is_yangtze_belt, is_municipality : ndarray of bool
    is_leading : ndarray of bool, shape (n_cities,)
        First-tier cities and municipalities.
    pilot_year : ndarray of float, shape (n_cities,)
        First year as a full smart-city pilot; nan where never.
    province_position : ndarray of int, shape (n_cities,)
        Position of the province among the provinces present.
    """

    cities: pd.DataFrame
    importance: np.ndarray
    is_old_industrial: np.ndarray
    is_agglomeration: np.ndarray
    is_yangtze_belt: np.ndarray
    is_municipality: np.ndarray
    is_leading: np.ndarray
    pilot_year: np.ndarray
    province_position: np.ndarray

    @property
    def rank_score(self) -> np.ndarray:
        """Importance as normal scores: the order of the hierarchy without its long tail."""
        return normal_scores(self.importance)

    @property
    def n_cities(self) -> int:
        """Number of cities."""
        return len(self.cities)


def default_seeds_folder() -> Path:
    """Locate the reference seeds of the project this package is installed from (editable)."""
    return Path(__file__).resolve().parents[3] / "seeds" / "reference"


def read_seed(folder: Path, name: str) -> pd.DataFrame:
    """Read a seed as text columns.

    Raises
    ------
    FileNotFoundError
        Naming the seed, when it is not in the folder.
    """
    path = Path(folder) / f"{name}.csv"
    if not path.exists():
        raise FileNotFoundError(f"seed {name}.csv is not in {folder}; pass --seeds")
    return pd.read_csv(path, dtype=str, encoding="utf-8")


def build_geography(seed: int, n_cities: int, seeds_folder: Path) -> Geography:
    """Choose cities and derive their groups, pilots and importance.

    Parameters
    ----------
    seed : int
    n_cities : int
        At most the number of usable cities; a smaller number keeps the municipalities and a
        random choice of the rest.
    seeds_folder : Path
        Holds ``cities.csv``, ``city_groups.csv`` and, if present, ``policy_pilots.csv``.

    Raises
    ------
    ValueError
        If more cities are asked for than the seed has.
    """
    cities = _choose_cities(stream(seed, "choice of cities"), n_cities, seeds_folder)
    codes = cities["city_code"]
    groups = read_seed(seeds_folder, "city_groups")
    members = {name: set(rows["city_code"]) for name, rows in groups.groupby("group_id")}
    agglomerations = set().union(*(members.get(name, set()) for name in AGGLOMERATIONS))
    capitals = members.get("provincial_capital", set())
    return Geography(
        cities=cities,
        importance=_importance(stream(seed, "importance"), cities, capitals, members),
        is_old_industrial=codes.isin(members.get("old_industrial_base", set())).to_numpy(),
        is_agglomeration=codes.isin(agglomerations).to_numpy(),
        is_yangtze_belt=codes.isin(members.get("yangtze_belt", set())).to_numpy(),
        is_municipality=codes.isin(MUNICIPALITIES).to_numpy(),
        is_leading=codes.isin(MUNICIPALITIES + FIRST_TIER).to_numpy(),
        pilot_year=_pilot_years(codes, seeds_folder),
        province_position=pd.Categorical(cities["province_code"]).codes.astype(int),
    )


def _choose_cities(rng: np.random.Generator, n_cities: int, seeds_folder: Path) -> pd.DataFrame:
    cities = read_seed(seeds_folder, "cities").sort_values("city_code", ignore_index=True)
    cities = cities[~cities["city_code"].isin(USUALLY_LEFT_OUT)].reset_index(drop=True)
    cities = cities.astype({"longitude": float, "latitude": float})
    if n_cities > len(cities):
        raise ValueError(f"only {len(cities)} cities are available")
    if n_cities < len(cities):
        first = cities["city_code"].isin(FIRST_TIER + MUNICIPALITIES).to_numpy()
        order = np.lexsort((rng.random(len(cities)), ~first))
        cities = cities.iloc[np.sort(order[:n_cities])].reset_index(drop=True)
    return cities[["city_code", "city_name_zh", "province_code", "longitude", "latitude"]]


def _importance(
    rng: np.random.Generator, cities: pd.DataFrame, capitals: set[str], members: dict[str, set[str]]
) -> np.ndarray:
    """Hierarchy premiums plus noise; premiums are chosen, in standard deviations of noise."""
    code, province = cities["city_code"], cities["province_code"]
    premium = np.where(code.isin(capitals), 1.3, 0.0)
    premium = np.where(code.isin(SECOND_TIER), 2.2, premium)
    premium = np.where(code.isin(FIRST_TIER), 3.3, premium)
    premium += 0.5 * code.isin(members.get("yangtze_river_delta", set())).to_numpy()
    premium += 0.8 * code.isin(members.get("pearl_river_delta", set())).to_numpy()
    premium += 0.35 * province.isin(COASTAL_PROVINCES).to_numpy()
    premium -= 0.35 * province.isin(WESTERN_PROVINCES).to_numpy()
    premium -= 0.2 * province.isin(NORTH_EASTERN_PROVINCES).to_numpy()
    return standardized(premium + IMPORTANCE_NOISE * rng.standard_normal(len(cities)))


def _pilot_years(codes: pd.Series, seeds_folder: Path) -> np.ndarray:
    if not (Path(seeds_folder) / "policy_pilots.csv").exists():
        return np.full(len(codes), np.nan)
    pilots = read_seed(seeds_folder, "policy_pilots")
    pilots = pilots[(pilots["policy_id"] == "smart_city") & (pilots["scope"] == "full")]
    first = pilots.assign(year=pilots["year"].astype(float)).groupby("city_code")["year"].min()
    return codes.map(first).to_numpy(dtype=float)
