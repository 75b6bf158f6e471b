"""Clustered standard errors from cross-products: pyfixest, and the formula written out."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from support.city_panels import REGRESSORS, city_panel, feols
from urban_resilience.estimation.least_squares.absorption import keep_repeated_levels
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    NotEstimableError,
    fit_clustered,
)
from urban_resilience.estimation.resampling.panel_arrays import PanelArrays

DATA = city_panel().assign(cell=lambda data: data["province"] + data["year"].astype(str))


def clusters_of(products, data, cluster):
    return data.groupby("city_code")[cluster].first().loc[products.units].to_numpy()


@pytest.mark.parametrize("cluster", ["city_code", "province"])
@pytest.mark.parametrize("seed", [0, 1])
def test_equals_pyfixest(cluster, seed):
    data = city_panel(seed=seed)
    products = CityCrossProducts.from_frame(data, "y", REGRESSORS)
    fit = fit_clustered(products, clusters_of(products, data, cluster))
    model = feols(data, cluster=cluster)
    names = list(REGRESSORS)
    np.testing.assert_allclose(fit.coefficients, model.coef()[names], rtol=1e-8)
    np.testing.assert_allclose(fit.std_errors, model.se()[names], rtol=1e-9, atol=1e-10)
    assert (fit.rule.n_obs, fit.rule.n_clusters, fit.rule.n_parameters) == (
        model._N,
        model._G[0],
        model._df_k,
    )
    assert fit.p_value("x") == pytest.approx(model.pvalue()["x"], rel=1e-6)


def test_equals_the_formula_by_hand():
    arrays = PanelArrays.from_frame(DATA, ("y", *REGRESSORS))
    kept = keep_repeated_levels([arrays.unit_codes, *arrays.effect_codes])
    data = pd.DataFrame(arrays.values, columns=arrays.names)[kept]
    cities, years = arrays.unit_codes[kept], arrays.effect_codes[0][kept]
    dummies = np.column_stack(
        [cities[:, None] == np.unique(cities), years[:, None] == np.unique(years)]
    ).astype(float)

    def residual_of(columns):
        return columns - dummies @ np.linalg.lstsq(dummies, columns, rcond=1e-12)[0]

    x, y = residual_of(data[list(REGRESSORS)].to_numpy()), residual_of(data["y"].to_numpy())
    bread = np.linalg.inv(x.T @ x)
    b = bread @ x.T @ y
    sums = np.array([(x * (y - x @ b)[:, None])[cities == c].sum(axis=0) for c in set(cities)])
    n, g = len(data), len(set(cities))
    # Three slopes, the constant, and one effect less than there are years: cities cost nothing.
    k = 3 + 1 + (8 - 1)
    factor = g / (g - 1) * (n - 1) / (n - k)
    by_hand = np.sqrt(np.diag(factor * bread @ sums.T @ sums @ bread))
    fit = fit_clustered(CityCrossProducts.from_frame(DATA, "y", REGRESSORS))
    np.testing.assert_allclose(fit.std_errors, by_hand, rtol=1e-10)
    assert (fit.rule.n_obs, fit.rule.n_clusters, fit.rule.n_parameters) == (n, g, k)
    estimate, std_error = fit.of("x")
    assert fit.p_value("x") == pytest.approx(2 * stats.t.sf(abs(estimate) / std_error, g - 1))


@pytest.mark.parametrize(
    ("effects", "cluster", "n_parameters"),
    [
        ((), "city_code", 3 + 1),
        (("year",), "province", 3 + 1 + 7),
        # The city's effect spans the province's; five provinces by eight years span the years.
        (("year", "province"), "city_code", 3 + 1 + 7),
        (("cell",), "city_code", 3 + 1 + 39),
        (("year", "cell"), "city_code", 3 + 1 + 39),
        # Cells nested in provinces cost nothing when provinces are the clusters.
        (("cell",), "province", 3 + 1),
    ],
)
def test_parameters_counted(effects, cluster, n_parameters):
    products = CityCrossProducts.from_frame(DATA, "y", REGRESSORS, effects)
    fit = fit_clustered(products, clusters_of(products, DATA, cluster))
    assert fit.rule.n_parameters == n_parameters


def test_nothing_to_estimate():
    trait = DATA.assign(trait=DATA["group"].astype(float))
    with pytest.raises(NotEstimableError, match="trait"):
        fit_clustered(CityCrossProducts.from_frame(trait, "y", ("x", "trait")))
    one = DATA[DATA["city_code"] == DATA["city_code"].value_counts().index[0]]
    with pytest.raises(NotEstimableError, match="1 cluster"):
        fit_clustered(CityCrossProducts.from_frame(one, "y", ("x",), ()))
    products = CityCrossProducts.from_frame(DATA, "y", REGRESSORS)
    with pytest.raises(ValueError, match="clusters given"):
        fit_clustered(products, ["a", "b"])
