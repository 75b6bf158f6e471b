"""An awkward panel of cities, and the loop of feols that resampling is compared with."""

import warnings

import numpy as np
import pandas as pd
import pyfixest as pf
from pyfixest.demeaners import MapDemeaner

from support.least_squares import drop_singletons

CONTROLS = ("z1", "z2")
REGRESSORS = ("x", *CONTROLS)
# The loop must be exact before anything can be compared with it; the default stops at 1e-6.
EXACT = MapDemeaner(fixef_tol=1e-12)


def city_panel(n_cities=30, n_years=8, seed=0):
    """Unbalanced and shuffled: a third of the cities lose years, one city has a single row."""
    rng = np.random.default_rng(seed)
    city, year = np.divmod(np.arange(n_cities * n_years), n_years)
    trait = rng.normal(size=(4, n_cities))
    walk = rng.normal(size=(3, n_cities, n_years)).cumsum(axis=2).reshape(3, -1)
    data = pd.DataFrame(
        {
            "city_code": [f"{1000 + c}" for c in city],
            "province": [f"p{c % 5}" for c in city],
            "year": 2008 + year,
            "x": trait[0][city] + 0.5 * walk[0],
            "z1": 10 + 0.4 * year + 0.1 * walk[1],
            "z2": 100 * rng.normal(size=city.size),
            "group": trait[1][city] > 0,
            "first_treated": np.where(trait[2] > 0, 2010 + np.arange(n_cities) % 4, np.nan)[city],
        }
    )
    data["high"] = data["x"] + walk[2] > (data["x"] + walk[2]).groupby(data["year"]).transform(
        "median"
    )
    data["d"] = (data["year"] >= data["first_treated"]).astype(float)
    data["m"] = 0.6 * data["x"] + 0.2 * walk[2] + rng.normal(size=city.size)
    noise = walk[2] * (1 + 0.3 * np.abs(trait[0][city])) + rng.normal(size=city.size)
    data["y"] = 0.5 * data["x"] + 0.3 * data["m"] - data["z1"] + trait[3][city] + 0.2 * year + noise
    lost = (city % 3 == 0) & (rng.random(city.size) < 0.3)
    alone = (city == 4) & (year != 2)
    return data[~lost & ~alone].sample(frac=1, random_state=seed).reset_index(drop=True)


def repeated_panel(**options):
    """The same without the city that is seen once: the sample of its regressions."""
    return drop_singletons(city_panel(**options), ["city_code", "year"])


def feols(data, outcome="y", regressors=REGRESSORS, city="city_code", effects="year", cluster=None):
    """One regression by pyfixest, coefficients only or clustered.

    A cluster under the name of an effect is miscounted by pyfixest 0.60, depending on the hash
    seed of the process: the copy is counted right.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pf.feols(
            f"{outcome} ~ {' + '.join(regressors)} | {effects} + {city}",
            data=data.assign(cluster_copy=data[cluster]) if cluster else data,
            vcov={"CRV1": "cluster_copy"} if cluster else "iid",
            demeaner=EXACT,
        )


def feols_coefficients(data, regressors=REGRESSORS, **options):
    """Coefficients in the order of ``regressors``."""
    return feols(data, regressors=regressors, **options).coef()[list(regressors)].to_numpy()


def assert_draws_equal(result, expected):
    """Every draw within 1e-8 of the loop, and none of them singular."""
    assert not result.is_singular[: len(expected)].any()
    np.testing.assert_allclose(
        result.coefficients[: len(expected)], np.array(expected), rtol=1e-8, atol=1e-8
    )
