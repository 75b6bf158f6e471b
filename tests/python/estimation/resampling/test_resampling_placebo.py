"""Shuffled treatments against a loop of feols on the same assignments."""

import numpy as np
import pandas as pd
import pytest

from support.city_panels import CONTROLS, assert_draws_equal, feols_coefficients, repeated_panel
from urban_resilience.estimation.resampling import (
    NotEstimableError,
    PlaceboProducts,
    permute_labels,
    placebo_treatment,
    treatment_paths,
)

DATA = repeated_panel()
CITIES = np.sort(DATA["city_code"].unique())
YEARS = np.sort(DATA["year"].unique())
FIRST = DATA.groupby("city_code")["first_treated"].first()


def continuous_paths():
    walk = np.random.default_rng(8).normal(size=(len(CITIES), len(YEARS))).cumsum(axis=1)
    return pd.DataFrame(50 + walk, index=CITIES, columns=YEARS)


def exchanged(data, paths, donors):
    """The data with every city holding its donor's path."""
    held = paths.loc[CITIES].iloc[donors].set_axis(CITIES).stack()
    keys = pd.MultiIndex.from_frame(data[["city_code", "year"]])
    return data.assign(held=held.loc[keys].to_numpy())


@pytest.mark.parametrize("kind", ["dates", "continuous"])
@pytest.mark.parametrize("controls", [CONTROLS, ()], ids=["controls", "no controls"])
def test_equals_feols_with_exchanged_paths(kind, controls):
    paths = treatment_paths(FIRST, YEARS) if kind == "dates" else continuous_paths()
    products = PlaceboProducts.from_frame(DATA, "y", paths.sample(frac=1), controls)
    donors = permute_labels(np.arange(len(CITIES)), 40, np.random.default_rng(1))
    expected = [
        feols_coefficients(exchanged(DATA, paths, row), regressors=("held", *controls))[:1]
        for row in donors[:6]
    ]
    assert_draws_equal(products.coefficients(donors), expected)


def test_summary_counts_the_assignments():
    paths = treatment_paths(FIRST, YEARS)
    result = placebo_treatment(DATA, "y", paths, CONTROLS, draws=300, seed=5)
    own = feols_coefficients(DATA, regressors=("d", *CONTROLS))[0]
    assert result.estimate == pytest.approx(own, rel=1e-8)
    beyond = (np.abs(result.placebo_draws) >= abs(own)).sum()
    assert result.p_two_sided == (1 + beyond) / 301
    assert (result.draws, result.failed_draws) == (300, 0)
    again = placebo_treatment(DATA[::-1], "y", paths[::-1], CONTROLS, draws=300, seed=5)
    np.testing.assert_array_equal(again.placebo_draws, result.placebo_draws)
    other = placebo_treatment(DATA, "y", paths, CONTROLS, draws=300, seed=6)
    assert (other.placebo_draws != result.placebo_draws).any()


def test_strata_keep_paths_inside():
    """Only one city of stratum b is treated, so b's treatment never leaves it."""
    paths = continuous_paths()
    strata = DATA.groupby("city_code")["province"].first()
    result = placebo_treatment(DATA, "y", paths, draws=20, strata=strata.sample(frac=1))
    codes = pd.factorize(strata.loc[CITIES])[0]
    donors = permute_labels(np.arange(len(CITIES)), 20, np.random.default_rng(0), codes)
    assert (codes[donors] == codes).all()
    products = PlaceboProducts.from_frame(DATA, "y", paths)
    np.testing.assert_array_equal(
        products.coefficients(donors).of("treatment"), result.placebo_draws
    )


def test_assignments_without_variation_are_counted():
    """Half the cities are seen before treatment only: on one of them it has no variation."""
    data = DATA[DATA["city_code"].isin(CITIES[::2])]
    rest = DATA[~DATA["city_code"].isin(CITIES[::2]) & (DATA["year"] < YEARS[4])]
    rest = rest[rest.groupby("city_code")["year"].transform("size") > 1]
    assert rest["city_code"].nunique() == len(CITIES[1::2])
    data = pd.concat([data, rest])
    paths = treatment_paths(pd.Series(np.nan, index=CITIES), YEARS)
    paths.loc[CITIES[0], YEARS[4:]] = 1.0
    result = placebo_treatment(data, "y", paths, draws=200, seed=1)
    donors = permute_labels(np.arange(len(CITIES)), 200, np.random.default_rng(1))
    is_early = (data.groupby("city_code")["year"].max() < YEARS[4]).to_numpy()
    lands_early = is_early[np.argmax(donors == 0, axis=1)]
    np.testing.assert_array_equal(np.isnan(result.placebo_draws), lands_early)
    assert result.failed_draws == lands_early.sum() > 50


def test_treatment_of_everyone_at_once_is_not_estimable():
    paths = treatment_paths(pd.Series(2011, index=CITIES), YEARS)
    with pytest.raises(NotEstimableError, match="no variation"):
        placebo_treatment(DATA, "y", paths, draws=5)


def test_unknown_paths():
    """A hole hurts only a city that has data in that year and may receive the path."""
    paths = continuous_paths()
    hole = DATA.loc[DATA["city_code"] == CITIES[1], "year"].iloc[0]
    paths.loc[CITIES[0], hole] = np.nan
    data = DATA[(DATA["city_code"] != CITIES[0]) | (DATA["year"] != hole)]
    with pytest.raises(ValueError, match=f"given to: {CITIES[0]};"):
        placebo_treatment(data, "y", paths, draws=5)
    alone = pd.Series(np.where(CITIES[0] == CITIES, "alone", "rest"), index=CITIES)
    result = placebo_treatment(data, "y", paths, draws=5, strata=alone)
    own = exchanged(data, paths, np.arange(len(CITIES)))
    assert result.estimate == pytest.approx(
        feols_coefficients(own, regressors=("held",))[0], rel=1e-8
    )


def test_absent_cities_and_periods_are_named():
    paths = continuous_paths()
    with pytest.raises(ValueError, match=f"city_code {CITIES[3]}"):
        placebo_treatment(DATA, "y", paths.drop(CITIES[3]))
    with pytest.raises(ValueError, match="year 2010"):
        placebo_treatment(DATA, "y", paths.drop(columns=2010))
    with pytest.raises(ValueError, match="not among the effects"):
        placebo_treatment(DATA, "y", paths, period="month")


def test_paths_from_dates():
    paths = treatment_paths(pd.Series([2009, None], index=["a", "b"], dtype="Int32"), [2008, 2009])
    assert paths.to_numpy().tolist() == [[0, 1], [0, 0]]
