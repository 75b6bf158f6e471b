"""Small artificial panels and specifications for the estimation tests."""

from __future__ import annotations

import numpy as np
import pandas as pd

from urban_resilience.estimation.designs import fit
from urban_resilience.estimation.fit import Fit
from urban_resilience.estimation.regression_spec import RegressionSpec


def make_panel(n_cities: int = 30, n_years: int = 8, seed: int = 7) -> pd.DataFrame:
    """A balanced city-year panel: y depends on x and z, on cities, years and clustered noise."""
    rng = np.random.default_rng(seed)
    n = n_cities * n_years
    city, year = np.divmod(np.arange(n), n_years)
    frame = pd.DataFrame(
        {
            "city_code": [f"{100 + c}" for c in city],
            "province": [f"p{c % 7}" for c in city],
            "year": 2008 + year,
            "x": rng.normal(size=n) + rng.normal(size=n_cities)[city],
            "z": rng.normal(size=n) + 0.3 * year,
            "w": rng.normal(size=n),
        }
    )
    effects = rng.normal(size=n_cities)[city] + rng.normal(size=n_years)[year]
    noise = rng.normal(size=n) * (1 + frame["x"].abs()) + rng.normal(size=n_cities)[city]
    frame["y"] = 0.5 * frame["x"] - 0.2 * frame["z"] + effects + noise
    return frame


def make_unbalanced_panel() -> pd.DataFrame:
    """Rows lost at random, and two cities left with one year each."""
    frame = make_panel().sample(frac=0.7, random_state=3)
    alone = frame["city_code"].isin(["103", "107"])
    return pd.concat([frame[~alone], frame[alone].drop_duplicates("city_code")])


def make_spec(**changes) -> RegressionSpec:
    """The two-way regression of y on x and z; anything can be changed by name."""
    plain = {
        "spec_id": "spec",
        "table_id": "table",
        "column_id": "1",
        "design": "twfe",
        "estimator": "ols",
        "outcome": "y",
        "treatment": "x",
        "controls": ("z",),
        "fixed_effects": ("year", "city_code"),
        "cluster": "city_code",
        "sample_filter": "",
    }
    return RegressionSpec(**{**plain, **changes})


def fit_spec(spec: RegressionSpec, panel: pd.DataFrame) -> Fit:
    """Fit a specification that has no policy, as the build does."""
    return fit(spec, panel, pd.DataFrame())
