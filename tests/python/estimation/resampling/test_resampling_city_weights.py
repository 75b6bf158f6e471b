"""Schemes that weight whole cities, against a loop of feols on the same draws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.city_panels import (
    CONTROLS,
    REGRESSORS,
    assert_draws_equal,
    city_panel,
    feols_coefficients,
    repeated_panel,
)
from support.drawn_cities import drawn_cities
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    NotEstimableError,
    bootstrap_cities,
    jackknife_cities,
    leave_one_out,
    permute_labels,
)
from urban_resilience.estimation.resampling.panel_arrays import PanelArrays

DATA = repeated_panel()
PRODUCTS = CityCrossProducts.from_frame(DATA, "y", REGRESSORS)
N_CITIES = len(PRODUCTS.units)
N_LOOP = 6


def by_dummies(data, regressors=REGRESSORS, unit="copy"):
    """Least squares with dummies, for many small samples."""
    dummies = pd.get_dummies(data[[unit, "year"]].astype(str), dtype=float)
    design = np.column_stack([data[list(regressors)].to_numpy(float), dummies])
    scale = np.sqrt((design**2).sum(axis=0))
    solution = np.linalg.lstsq(design / scale, data["y"].to_numpy(), rcond=1e-12)[0]
    return (solution / scale)[: len(regressors)]


@pytest.mark.thorough
def test_bootstrap_equals_feols_with_new_city_names():
    weights = bootstrap_cities(N_CITIES, 200, np.random.default_rng(1))
    expected = [
        feols_coefficients(drawn_cities(DATA, PRODUCTS.units, row), city="copy")
        for row in weights[:N_LOOP]
    ]
    assert_draws_equal(PRODUCTS.coefficients(weights), expected)


def test_label_permutation_equals_feols_on_each_half():
    labels = DATA.groupby("city_code")["group"].first().to_numpy()
    shuffled = permute_labels(labels, 100, np.random.default_rng(2))
    for side in (shuffled, ~shuffled):
        expected = [
            feols_coefficients(DATA[DATA["city_code"].isin(PRODUCTS.units[row])])
            for row in side[:N_LOOP]
        ]
        assert_draws_equal(PRODUCTS.coefficients(side), expected)


@pytest.mark.thorough
def test_jackknife_equals_feols_without_each_city():
    result = jackknife_cities(PRODUCTS)
    expected = [feols_coefficients(DATA[DATA["city_code"] != unit]) for unit in PRODUCTS.units]
    assert_draws_equal(result.draws, expected)
    distances = np.array(expected) - np.mean(expected, axis=0)
    by_hand = np.sqrt((N_CITIES - 1) / N_CITIES * (distances**2).sum(axis=0))
    np.testing.assert_allclose(result.std_errors, by_hand, rtol=1e-8)


@pytest.mark.parametrize("cluster", [None, "province"])
def test_what_the_regression_drops_is_not_left_out_and_not_counted(cluster):
    """Provinces of single rows: G is that of the regression, and so is the standard error."""
    single = city_panel().groupby("city_code").head(1).head(9).reset_index(drop=True)
    single = single.assign(city_code=[f"9{i}" for i in range(9)], province=list("abcdefghi"))
    for whole, used in ((city_panel(), DATA), (pd.concat([city_panel(), single]), DATA)):
        products = [CityCrossProducts.from_frame(d, "y", REGRESSORS) for d in (whole, used)]
        assert list(products[0].units) == list(products[1].units)
        assert products[0].n_singletons == len(whole) - len(used) > 0
        of_city = used.groupby("city_code")[cluster or "city_code"].first().to_numpy()
        clusters = None if cluster is None else of_city
        found, expected = (jackknife_cities(p, clusters) for p in products)
        assert len(found.units) == (30 - 1 if cluster is None else 5)
        np.testing.assert_array_equal(found.units, expected.units)
        np.testing.assert_allclose(found.std_errors, expected.std_errors, rtol=1e-12)


def test_a_cluster_without_rows_is_not_left_out():
    """Cross-products of one group keep the cities of both."""
    arrays = PanelArrays.from_frame(DATA, (*REGRESSORS, "y"))
    half = DATA[DATA["group"]]
    kept = arrays.where(np.isin(arrays.units, half["city_code"])[arrays.unit_codes])
    wide = CityCrossProducts.from_arrays(kept, "y", REGRESSORS)
    narrow = CityCrossProducts.from_frame(half, "y", REGRESSORS)
    assert len(narrow.units) < len(wide.units)
    found, expected = jackknife_cities(wide), jackknife_cities(narrow)
    np.testing.assert_array_equal(found.units, expected.units)
    np.testing.assert_allclose(found.std_errors, expected.std_errors, rtol=1e-10)


@pytest.mark.parametrize("effects", [(), ("year", "band")], ids=["city only", "three effects"])
def test_other_effects(effects):
    data = DATA.assign(band=pd.qcut(DATA["z2"], 4, labels=False))
    products = CityCrossProducts.from_frame(data, "y", REGRESSORS, effects)
    weights = bootstrap_cities(N_CITIES, 3, np.random.default_rng(3))
    names = " + ".join(effects) or "copy_again"
    expected = []
    for row in weights:
        sample = drawn_cities(data, products.units, row)
        sample["copy_again"] = sample["copy"]
        expected.append(feols_coefficients(sample, city="copy", effects=names))
    assert_draws_equal(products.coefficients(weights), expected)


def test_other_regressions_on_the_same_cross_products():
    wide = CityCrossProducts.from_frame(DATA, "y", (*REGRESSORS, "m"))
    weights = bootstrap_cities(N_CITIES, 4, np.random.default_rng(4))
    for outcome, regressors in (("y", ("m", *CONTROLS)), ("m", ("z2", "x"))):
        direct = CityCrossProducts.from_frame(DATA, outcome, regressors)
        np.testing.assert_allclose(
            wide.regress(outcome, regressors).coefficients(weights).coefficients,
            direct.coefficients(weights).coefficients,
            rtol=1e-10,
        )


def test_a_draw_without_treated_cities_is_singular():
    treated = DATA["city_code"].unique()[:2]
    data = DATA.assign(d=(DATA["city_code"].isin(treated) & (DATA["year"] >= 2011)).astype(float))
    products = CityCrossProducts.from_frame(data, "y", ("d", *CONTROLS))
    weights = bootstrap_cities(N_CITIES, 500, np.random.default_rng(5))
    result = products.coefficients(weights)
    without = weights[:, np.isin(products.units, treated)].sum(axis=1) == 0
    np.testing.assert_array_equal(result.is_singular, without)
    assert 20 < result.n_singular == without.sum() < 480
    assert np.isnan(result.coefficients[without]).all()
    assert np.isfinite(result.coefficients[~without]).all()
    assert result.n_draws == 500


def test_a_treatment_that_years_explain_is_singular():
    """All treated from 2011 on: what rounding leaves after the year effects is no variation."""
    data = DATA.assign(d=(DATA["year"] >= 2011) * 0.1)
    result = CityCrossProducts.from_frame(data, "y", ("d", *CONTROLS)).coefficients()
    assert result.is_singular.tolist() == [True]


def test_a_regressor_constant_over_time_is_singular():
    data = DATA.assign(trait=DATA["city_code"].astype(float) / 3)
    result = CityCrossProducts.from_frame(data, "y", ("x", "trait")).coefficients()
    assert result.is_singular.tolist() == [True]


def test_collinear_regressors_are_singular_not_dropped():
    data = DATA.assign(again=3 * DATA["x"] + DATA["z1"])
    products = CityCrossProducts.from_frame(data, "y", ("x", "z1", "again"))
    assert products.coefficients().is_singular.tolist() == [True]


def test_an_empty_year_is_dropped_and_not_singular():
    """A year that only two cities have is missing from most draws."""
    rare = DATA["city_code"].unique()[:2]
    extra = DATA[DATA["city_code"].isin(rare)].groupby("city_code").head(1).assign(year=2030)
    data = pd.concat([DATA, extra], ignore_index=True)
    products = CityCrossProducts.from_frame(data, "y", REGRESSORS)
    weights = bootstrap_cities(N_CITIES, 40, np.random.default_rng(8))
    empty = weights[:, np.isin(products.units, rare)].sum(axis=1) == 0
    assert 0 < empty.sum() < 40
    expected = [by_dummies(drawn_cities(data, products.units, row)) for row in weights]
    assert_draws_equal(products.coefficients(weights), expected)


def test_years_that_no_city_connects():
    """Cities seen before 2012 only and cities seen after only: one more year effect is spare."""
    early = DATA["city_code"].isin(DATA["city_code"].unique()[::2])
    data = DATA[early == (DATA["year"] < 2012)]
    products = CityCrossProducts.from_frame(data, "y", REGRESSORS)
    sample = drawn_cities(data, products.units, np.ones(len(products.units)))
    assert_draws_equal(products.coefficients(), [by_dummies(sample)])


@pytest.mark.thorough
@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=N_CITIES, max_size=N_CITIES), st.integers(0, 5))
def test_any_multiplicities_equal_dummies(weights, shift):
    """Including draws of so few cities that nothing is identified."""
    weights = np.roll(np.array(weights, dtype=float), shift)
    if not weights.any():
        return
    result = PRODUCTS.coefficients(weights[None])
    sample = drawn_cities(DATA, PRODUCTS.units, weights)
    dummies = pd.get_dummies(sample[["copy", "year"]].astype(str), dtype=float).to_numpy()
    slopes = sample[list(REGRESSORS)].to_numpy()
    residual = slopes - dummies @ np.linalg.lstsq(dummies, slopes, rcond=1e-12)[0]
    is_identified = np.linalg.matrix_rank(residual / np.abs(slopes).max(axis=0), tol=1e-7) == 3
    assert result.is_singular[0] != is_identified
    if is_identified:
        np.testing.assert_allclose(result.coefficients[0], by_dummies(sample), rtol=1e-6)


def test_scale_of_columns_does_not_matter():
    units = {"x": 1e-7, "z1": 1e6, "y": 1e-4}
    scaled = DATA.assign(**{name: DATA[name] * unit for name, unit in units.items()})
    weights = bootstrap_cities(N_CITIES, 5, np.random.default_rng(7))
    result = CityCrossProducts.from_frame(scaled, "y", REGRESSORS).coefficients(weights)
    np.testing.assert_allclose(
        result.of("x") * 1e-7 / 1e-4, PRODUCTS.coefficients(weights).of("x"), rtol=1e-9
    )


def test_jackknife_names_the_city_that_carries_the_estimate():
    only = DATA["city_code"].iloc[0]
    data = DATA.assign(d=((DATA["city_code"] == only) & (DATA["year"] > 2010)).astype(float))
    with pytest.raises(NotEstimableError, match=f"without {only}"):
        jackknife_cities(CityCrossProducts.from_frame(data, "y", ("d",)))


@pytest.mark.parametrize(
    ("weights", "fault"),
    [
        (np.ones((2, 3)), "shape"),
        (np.ones(N_CITIES), "shape"),
        (-leave_one_out(N_CITIES), "negative"),
        (np.full((1, N_CITIES), np.nan), "missing"),
    ],
)
def test_wrong_weights(weights, fault):
    with pytest.raises(ValueError, match=fault):
        PRODUCTS.coefficients(weights)


@pytest.mark.parametrize(
    ("outcome", "regressors", "fault"),
    [("y", ("q",), "q"), ("y", ("x", "x"), "more than once"), ("y", (), "no regressor")],
)
def test_wrong_regressions(outcome, regressors, fault):
    with pytest.raises(ValueError, match=fault):
        PRODUCTS.regress(outcome, regressors)


def test_too_many_levels_of_effects():
    data = pd.concat([DATA.assign(cell=np.arange(len(DATA)))] * 2)
    with pytest.raises(ValueError, match="more than 200 columns"):
        CityCrossProducts.from_frame(data, "y", ("x",), ("cell",))
