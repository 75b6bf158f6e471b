"""Schemes that cut inside a city, against a loop of feols on the same draws."""

import numpy as np
import pytest

from support.city_panels import REGRESSORS, assert_draws_equal, feols_coefficients, repeated_panel
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    RowCrossProducts,
    bootstrap_rows,
    complete_panel,
    permute_histories,
    permute_labels,
)

DATA = repeated_panel()
ROWS = complete_panel(DATA, (*REGRESSORS, "y"), also=("high",))
PRODUCTS = RowCrossProducts.from_frame(DATA, "y", REGRESSORS)
ARRAYS = PRODUCTS.arrays
N_LOOP = 6


def test_bootstrap_of_rows_equals_feols_on_repeated_rows():
    """Copies of a row share the city's effect; cities drawn once are singletons."""
    samples = bootstrap_rows(len(ROWS), (90, 110), 60, np.random.default_rng(1))
    for weights, size in zip(samples, (90, 110), strict=True):
        assert (weights.sum(axis=1) == size).all()
        expected = [
            feols_coefficients(ROWS.loc[np.repeat(ROWS.index, row.astype(int))])
            for row in weights[:N_LOOP]
        ]
        assert_draws_equal(PRODUCTS.coefficients(weights), expected)


@pytest.mark.parametrize("scheme", ["labels", "histories"])
def test_permutations_equal_feols_on_each_side(scheme):
    labels, rng = ROWS["high"].to_numpy(bool), np.random.default_rng(2)
    if scheme == "labels":
        shuffled = permute_labels(labels, 60, rng)
    else:
        years = ARRAYS.effect_codes[0]
        shuffled = permute_histories(labels, ARRAYS.unit_codes, years, 60, rng)
    for side in (shuffled, ~shuffled):
        expected = [feols_coefficients(ROWS[row]) for row in side[:N_LOOP]]
        assert_draws_equal(PRODUCTS.coefficients(side), expected)


def test_weights_equal_within_cities_give_the_bootstrap_of_cities_that_share_an_effect():
    """A city counted twice has one effect or two alike: the coefficients are the same."""
    cities = CityCrossProducts.from_frame(DATA, "y", REGRESSORS)
    weights = np.random.default_rng(3).integers(0, 4, size=(50, len(cities.units))).astype(float)
    np.testing.assert_allclose(
        PRODUCTS.coefficients(weights[:, ARRAYS.unit_codes]).coefficients,
        cities.coefficients(weights).coefficients,
        rtol=1e-9,
    )


def test_one_row_per_city_is_singular():
    weights = np.zeros((2, len(ROWS)))
    weights[0, np.unique(ARRAYS.unit_codes, return_index=True)[1]] = 3
    weights[1] = 1
    result = PRODUCTS.coefficients(weights)
    assert result.is_singular.tolist() == [True, False]
    assert np.isnan(result.coefficients[0]).all()


def test_treatment_constant_in_the_rows_drawn_is_singular():
    """It varies within cities, but not within the rows of a city that have weight."""
    rng = np.random.default_rng(0)
    before, after = rng.normal(size=(2, len(ARRAYS.units)))[:, ARRAYS.unit_codes]
    late = (ROWS["year"] >= 2012).to_numpy()
    data = ROWS.assign(d=np.where(late, after, before))
    products = RowCrossProducts.from_frame(data, "y", ("d", "x"))
    # Whole and broken weights: what rounding leaves of the variation is not always zero.
    weights = np.where(late, 0.0, rng.integers(1, 4, size=(60, len(ROWS))) / 3)
    assert products.coefficients(weights).is_singular.all()
    assert not products.coefficients(weights + late).is_singular.any()


def test_wrong_weights():
    with pytest.raises(ValueError, match="shape"):
        PRODUCTS.coefficients(np.ones((1, 3)))
