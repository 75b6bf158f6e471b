"""The restricted wild cluster bootstrap against regressions on the outcomes it builds."""

import numpy as np
import pytest

from support.city_panels import CONTROLS, REGRESSORS, city_panel, feols
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    PanelArrays,
    wild_cluster_bootstrap,
    wild_weights,
)

DATA = city_panel()
PRODUCTS = CityCrossProducts.from_frame(DATA, "y", REGRESSORS)
PROVINCES = DATA.groupby("city_code")["province"].first().loc[PRODUCTS.units].to_numpy()


def restricted_residuals(data, null, others):
    """Residuals of y - null x on city and year dummies and the other regressors."""
    arrays = PanelArrays.from_frame(data, (*others, "x", "y"))
    cities = arrays.unit_codes[:, None] == np.arange(len(arrays.units))
    columns = np.column_stack([cities, arrays.dummies(), arrays.values[:, : len(others)]])
    columns = columns / np.abs(columns).max(axis=0)
    y = arrays.values[:, -1] - null * arrays.values[:, -2]
    return y - columns @ np.linalg.lstsq(columns, y, rcond=1e-12)[0]


@pytest.mark.parametrize(
    ("cluster", "null", "controls"),
    [("city_code", 0.0, CONTROLS), ("province", 0.4, CONTROLS), ("province", 0.0, ())],
)
def test_statistics_equal_regressions_on_built_outcomes(cluster, null, controls):
    data = DATA.sort_values(["city_code", "year"], ignore_index=True)
    regressors = ("x", *controls)
    products = CityCrossProducts.from_frame(data, "y", regressors)
    clusters = PROVINCES if cluster == "province" else None
    result = wild_cluster_bootstrap(products, "x", null, clusters, draws=20, seed=4)
    counts = data.groupby(cluster).size()
    used = counts.index[counts > 1]  # the city with a single row is no cluster
    assert result.n_clusters == len(used)
    signs = wild_weights(len(used), 20, np.random.default_rng(4))
    residual = restricted_residuals(data, null, controls)
    for draw in range(5):
        sign = data[cluster].map(dict(zip(used, signs[draw], strict=True))).fillna(1).to_numpy()
        built = data.assign(y=data["y"] + (sign - 1) * residual)
        model = feols(built, regressors=regressors, cluster=cluster)
        t = (model.coef()["x"] - null) / model.se()["x"]
        assert result.t_draws[draw] == pytest.approx(t, rel=1e-8, abs=1e-8)
    model = feols(data, regressors=regressors, cluster=cluster)
    assert result.estimate == pytest.approx(model.coef()["x"], rel=1e-8)
    assert result.std_error == pytest.approx(model.se()["x"], rel=1e-8)
    t = (model.coef()["x"] - null) / model.se()["x"]
    assert result.t_statistic == pytest.approx(t, rel=1e-7)


def test_p_values_count_statistics():
    result = wild_cluster_bootstrap(PRODUCTS, clusters=PROVINCES, draws=500, weights="webb")
    # Signs that are all alike give the statistic of the data, but for rounding.
    beyond = (np.abs(result.t_draws) >= abs(result.t_statistic) * (1 - 1e-9)).sum()
    assert result.p_two_sided == (1 + beyond) / 501
    above = (result.t_draws >= result.t_statistic - 1e-9).sum()
    assert result.p_greater == (1 + above) / 501
    assert (result.draws, result.failed_draws, result.n_clusters) == (500, 0, 5)


def test_all_signs_alike_give_the_statistic_of_the_data():
    """With five clusters and two signs, every sixteenth draw leaves the data as they are."""
    result = wild_cluster_bootstrap(PRODUCTS, clusters=PROVINCES, draws=400)
    sizes = np.unique(np.round(np.abs(result.t_draws), 9))
    assert len(sizes) <= 2**4
    assert np.isclose(sizes, abs(result.t_statistic), atol=1e-8).any()
    # Such draws count as equal, whatever rounding makes of them.
    equal = np.isclose(np.abs(result.t_draws), abs(result.t_statistic), rtol=1e-8).sum()
    larger = (np.abs(result.t_draws) > abs(result.t_statistic) * (1 + 1e-8)).sum()
    assert result.p_two_sided == (1 + equal + larger) / 401


def test_another_term():
    direct = CityCrossProducts.from_frame(DATA, "y", ("z2", "x", "z1"))
    np.testing.assert_allclose(
        wild_cluster_bootstrap(PRODUCTS, "z2", draws=50).t_draws,
        wild_cluster_bootstrap(direct, draws=50).t_draws,
        rtol=1e-8,
    )
