"""The restricted wild cluster bootstrap against wildboottest (Fischer and Roodman).

wildboottest regresses on dummies and counts each of them: G/(G-1) x (N-1)/(N-K) with K all columns.
Our K leaves out what is nested in the clusters, here the cities (``small_sample_rule``). The factor
is common to the statistic of the data and of every draw, so that statistics differ by one known
number and p-values not at all.
"""

import functools

import numpy as np
import pandas as pd
import pytest
from wildboottest.wildboottest import WildboottestCL

from support.city_panels import CONTROLS, REGRESSORS, city_panel
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    fit_clustered,
    wild_cluster_bootstrap,
)
from urban_resilience.estimation.resampling.wild import wild_t_statistics

N_BLOCKS = 8


def clustered_panel() -> pd.DataFrame:
    """The unbalanced panel in eight blocks of cities, without the city that has a single row."""
    data = city_panel().sort_values(["city_code", "year"])
    data = data[data.groupby("city_code")["year"].transform("size") > 1]
    return data.assign(block=data["city_code"].astype(int) % N_BLOCKS).reset_index(drop=True)


DATA = clustered_panel()
PRODUCTS = CityCrossProducts.from_frame(DATA, "y", REGRESSORS)
CLUSTERS = {
    "block": DATA.groupby("city_code")["block"].first().loc[PRODUCTS.units].to_numpy(),
    "city_code": None,
}


@functools.cache
def peer(cluster: str, draws: int, weights: str = "rademacher", null: float = 0.0):
    """wildboottest with a dummy per city and year; it tests zero, so the null is taken off y."""
    effects = (DATA["city_code"], DATA["year"].astype(str))
    dummies = [pd.get_dummies(effect, dtype=float).iloc[:, 1:] for effect in effects]
    columns = pd.concat([DATA[list(REGRESSORS)], *dummies], axis=1).assign(constant=1.0)
    is_tested = np.zeros(columns.shape[1])
    is_tested[0] = 1.0
    boot = WildboottestCL(
        X=columns.to_numpy(),
        Y=(DATA["y"] - null * DATA["x"]).to_numpy(),
        cluster=pd.factorize(DATA[cluster], sort=True)[0],
        R=is_tested,
        B=draws,
        seed=1,
        parallel=False,
    )
    boot.get_scores(bootstrap_type="11", impose_null=True)
    boot.get_weights(weights_type=weights)
    boot.get_numer()
    boot.get_denom()
    boot.get_tboot()
    boot.get_vcov()
    boot.get_tstat()
    boot.get_pvalue()
    return boot


def rule_ratio(boot, cluster: str) -> float:
    """Root of their small-sample factor over ours: brings their t to ours."""
    fit = fit_clustered(PRODUCTS, CLUSTERS[cluster])
    n, g = len(DATA), fit.rule.n_clusters
    n_years, n_cities = DATA["year"].nunique(), DATA["city_code"].nunique()
    all_columns = 1 + len(CONTROLS) + (n_cities - 1) + (n_years - 1) + 1
    without_cities = all_columns - (n_cities - 1)
    assert (boot.k, fit.rule.n_parameters, boot.G) == (all_columns, without_cities, g)
    assert boot.ssc == pytest.approx(g / (g - 1) * (n - 1) / (n - all_columns))
    return np.sqrt((n - without_cities) / (n - all_columns))


@pytest.mark.thorough
@pytest.mark.parametrize("cluster", CLUSTERS)
def test_statistic_of_the_data(cluster):
    boot = peer(cluster, 2**N_BLOCKS + 1)
    ours = wild_cluster_bootstrap(PRODUCTS, "x", clusters=CLUSTERS[cluster], draws=9)
    assert ours.estimate == pytest.approx(boot.beta_hat[0], rel=1e-9)
    assert ours.t_statistic == pytest.approx(boot.t_stat * rule_ratio(boot, cluster), rel=1e-9)


@pytest.mark.parametrize("null", [0.0, 0.4])
def test_all_sign_vectors_give_the_same_statistics_and_p_value(null):
    """Eight clusters have 256 sign vectors, all of which wildboottest takes when asked for more."""
    boot = peer("block", 2**N_BLOCKS + 1, null=null)
    assert boot.full_enumeration and boot.B == 2**N_BLOCKS
    signs = boot.v.T.astype(float)
    assert len(np.unique(signs, axis=0)) == 2**N_BLOCKS
    fit = fit_clustered(PRODUCTS, CLUSTERS["block"])
    t_draws = wild_t_statistics(PRODUCTS, "x", null, CLUSTERS["block"], signs, fit.rule.factor)
    to_ours = rule_ratio(boot, "block")
    np.testing.assert_allclose(t_draws, boot.t_boot * to_ours, rtol=1e-8, atol=1e-10)

    t_statistic = (fit.of("x")[0] - null) / fit.of("x")[1]
    assert t_statistic == pytest.approx(boot.t_stat * to_ours, abs=1e-8)
    ours, theirs = (
        np.sort(np.abs(draws)) / abs(t)
        for draws, t in ((t_draws, t_statistic), (boot.t_boot, boot.t_stat))
    )
    beyond = int((ours > 1 + 1e-6).sum())
    assert beyond == (theirs > 1 + 1e-6).sum()
    # Signs all alike give the statistic of the data itself: ties, which wildboottest counts or not
    # as rounding has it.
    ties = int((np.abs(ours - 1) <= 1e-6).sum())
    assert ties == 2
    assert beyond <= boot.pvalue * 2**N_BLOCKS <= beyond + ties
    assert 0.02 < boot.pvalue < 0.98  # a p-value at the end of its range would agree by itself


@pytest.mark.parametrize(
    ("cluster", "weights", "null"),
    [("city_code", "rademacher", 0.0), ("city_code", "rademacher", 0.3), ("block", "webb", 0.3)],
)
def test_p_values_agree_within_simulation_error(cluster, weights, null):
    draws = 4999
    boot = peer(cluster, draws, weights, null)
    ours = wild_cluster_bootstrap(
        PRODUCTS, "x", null, CLUSTERS[cluster], draws=draws, seed=2, weights=weights
    )
    error = np.sqrt(2 * boot.pvalue * (1 - boot.pvalue) / draws)
    assert abs(ours.p_two_sided - boot.pvalue) < 4 * error + 1 / draws
    assert 0.001 < boot.pvalue < 0.999
