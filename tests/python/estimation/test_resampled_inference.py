"""Resampled inference on specifications: against regressions one at a time, and against itself."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from support.panels import fit_spec, make_panel, make_spec, make_unbalanced_panel
from urban_resilience.estimation.resampled_inference import (
    infer_by_bootstrap,
    infer_by_jackknife,
    infer_by_placebo,
    infer_by_wild_bootstrap,
)
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    empirical_p,
    wild_interval,
    wild_weights,
)
from urban_resilience.estimation.resampling.clustered import fit_clustered
from urban_resilience.estimation.resampling.wild import wild_t_statistics
from urban_resilience.estimation.tables.group_differences import tabulate_group_differences
from urban_resilience.estimation.tables.indirect_effects import tabulate_indirect_effects
from urban_resilience.estimation.tables.resampled_inference import (
    tabulate_resampled_inference,
)

PANEL = make_panel(40)
NO_TIMING = pd.DataFrame({"policy_id": [], "city_code": []})
DRAWN = {"n_draws": 499, "seed": 3}


def spec_of(design, **changes):
    options = {} if design == "jackknife" else DRAWN
    return make_spec(design=design, **{**options, **changes})


@pytest.mark.parametrize("cluster", ["city_code", "province"])
def test_the_clustered_t_is_that_of_the_regression(cluster):
    panel = make_unbalanced_panel()
    row = infer_by_jackknife(spec_of("jackknife", cluster=cluster), panel)[0]
    fit = fit_spec(make_spec(cluster=cluster), panel)
    expected = fit.coefficients[0]
    assert row.method == "cluster_t"
    assert (row.n_obs, row.n_clusters) == (fit.n_obs, fit.n_clusters)
    for name in ("estimate", "std_error", "statistic", "conf_low", "conf_high"):
        assert getattr(row, name) == pytest.approx(getattr(expected, name), rel=1e-8)
    assert row.p_two_sided == pytest.approx(expected.p_value, rel=1e-7)
    assert row.p_greater + row.p_less == pytest.approx(1)


@pytest.mark.thorough
@pytest.mark.parametrize("cluster", ["city_code", "province"])
def test_the_jackknife_leaves_whole_clusters_out(cluster):
    row = infer_by_jackknife(spec_of("jackknife", cluster=cluster), PANEL)[1]
    without = {
        label: fit_spec(make_spec(), PANEL[PANEL[cluster] != label]).coefficients[0].estimate
        for label in PANEL[cluster].unique()
    }
    values = np.array(list(without.values()))
    g = len(values)
    assert row.n_clusters == g
    assert row.lowest_estimate == pytest.approx(values.min(), rel=1e-8)
    assert row.highest_estimate == pytest.approx(values.max(), rel=1e-8)
    assert row.lowest_without == min(without, key=without.get)
    assert row.highest_without == max(without, key=without.get)
    spread = np.sqrt((g - 1) / g * ((values - values.mean()) ** 2).sum())
    assert row.std_error == pytest.approx(spread, rel=1e-7)


def with_lone_rows() -> pd.DataFrame:
    """Twenty cities seen once, each in a province of its own: the regression drops them all."""
    lone = PANEL.groupby("city_code").head(1).head(20).reset_index(drop=True)
    names = [f"9{number:02}" for number in range(20)]
    return pd.concat([PANEL, lone.assign(city_code=names, province=names)], ignore_index=True)


@pytest.mark.parametrize("cluster", ["city_code", "province"])
@pytest.mark.parametrize("design", ["bootstrap", "wild_bootstrap", "jackknife", "placebo"])
def test_rows_that_the_regression_drops_change_nothing(design, cluster):
    """Neither a draw nor a count: everything is as if they had not been supplied."""
    if design in ("bootstrap", "placebo") and cluster != "city_code":
        pytest.skip("draws whole cities")
    spec = spec_of(design, cluster=cluster)
    with_them, without = (
        tabulate_resampled_inference([spec], panel, NO_TIMING).to_pandas()
        for panel in (with_lone_rows(), PANEL)
    )
    # A path with gaps leaves a placebo before its rows are drawn.
    counted = "n_without_path" if design == "placebo" else "n_singletons"
    assert with_them[counted].eq(20).all() and without[counted].eq(0).all()
    assert with_them["n_clusters"].eq(40 if cluster == "city_code" else 7).all()
    pd.testing.assert_frame_equal(
        with_them.drop(columns=counted), without.drop(columns=counted), rtol=1e-9
    )


def test_groups_and_mechanisms_are_those_of_the_rows_used():
    """Lone rows, and a city with one row in each group: in neither regression, drawn by none."""
    split = PANEL.groupby("city_code").head(2).head(2).assign(city_code="950", high=[1.0, 0.0])
    high = (PANEL["w"] > 0).astype(float)
    plain, extra = PANEL.assign(high=high), with_lone_rows().assign(high=1.0)
    extra.loc[: len(PANEL) - 1, "high"] = high
    drawn = {"n_draws": 99, "seed": 3}
    group = make_spec(design="group_difference", moderator="high", **drawn)
    expected, found = (
        tabulate_group_differences([group], panel, NO_TIMING).to_pandas().set_index("method")
        for panel in (plain, pd.concat([extra, split], ignore_index=True))
    )
    counts = ["n_obs_group_1", "n_obs_group_0", "n_clusters"]
    assert (found[counts] == expected[counts]).all(axis=None)
    assert (found["n_clusters"] == 40).all()
    assert found["n_singletons"].eq(22 + expected["n_singletons"]).all()
    same = ["estimate_group_1", "estimate_group_0", "std_error", "conf_low", "p_two_sided"]
    for method in ("interacted", "city_bootstrap"):
        np.testing.assert_allclose(
            found.loc[method, same].astype(float),
            expected.loc[method, same].astype(float),
            rtol=1e-9,
        )
    path = make_spec(design="mediation", moderator="w", **drawn)
    expected, found = (
        tabulate_indirect_effects([path], panel, NO_TIMING).to_pandas() for panel in (plain, extra)
    )
    assert found["n_singletons"].eq(20).all() and found["n_clusters"].eq(40).all()
    pd.testing.assert_frame_equal(
        found.drop(columns="n_singletons"), expected.drop(columns="n_singletons"), rtol=1e-9
    )


def test_the_bootstrap_spreads_as_the_clustered_error_says():
    baseline, drawn = infer_by_bootstrap(spec_of("bootstrap", n_draws=2000), PANEL)
    assert drawn.std_error == pytest.approx(baseline.std_error, rel=0.15)
    assert drawn.conf_low < drawn.estimate < drawn.conf_high
    assert drawn.failed_draws == 0
    # The standard deviation of draws takes the place of the clustered error; t(G-1).
    freedom = drawn.n_clusters - 1
    by_hand = 2 * stats.t.sf(abs(drawn.estimate / drawn.std_error), freedom)
    assert drawn.p_two_sided == pytest.approx(by_hand, rel=1e-10)


@pytest.mark.parametrize("weights", ["rademacher", "webb"])
def test_the_wild_interval_ends_where_the_test_begins_to_reject(weights):
    products = CityCrossProducts.from_frame(PANEL, "y", ("x", "z"))
    provinces = PANEL.groupby("city_code")["province"].first().to_numpy()
    low, high = wild_interval(products, "x", provinces, 999, 5, weights)
    fit = fit_clustered(products, provinces)
    estimate, std_error = fit.of("x")
    assert low < estimate < high
    signs = wild_weights(fit.rule.n_clusters, 999, np.random.default_rng(5), weights)
    for end, outward in ((low, -1), (high, 1)):
        for step, is_kept in ((-0.01, True), (0.01, False)):
            null = end + outward * step * std_error
            draws = wild_t_statistics(products, "x", null, provinces, signs, fit.rule.factor)
            p = empirical_p((estimate - null) / std_error, draws).two_sided
            assert (p > 0.05) == is_kept


def test_an_interval_without_an_end_is_said_to_have_none():
    # Two clusters have two signs that differ: no value is ever rejected at 5%.
    panel = PANEL.assign(half=np.where(PANEL["city_code"] < "120", "a", "b"))
    rows = infer_by_wild_bootstrap(spec_of("wild_bootstrap", cluster="half"), panel)
    assert [row.method for row in rows] == ["cluster_t", "wild_rademacher", "wild_webb"]
    assert rows[1].p_two_sided > 0.05
    assert (rows[1].conf_low, rows[1].conf_high) == (None, None)


def test_a_placebo_of_a_variable_places_the_regression_among_shuffles():
    rows, placebo = infer_by_placebo(spec_of("placebo"), PANEL, PANEL)
    fit = fit_spec(make_spec(), PANEL)
    assert rows[1].estimate == pytest.approx(fit.coefficients[0].estimate, rel=1e-8)
    beyond = (np.abs(placebo.placebo_draws) >= abs(rows[1].estimate)).sum()
    assert rows[1].p_two_sided == pytest.approx((1 + beyond) / 500)
    table = tabulate_resampled_inference([spec_of("placebo")], PANEL, NO_TIMING).to_pylist()
    draws = [row["placebo_draws"] for row in table]
    assert draws == [None, placebo.placebo_draws.tolist()] and len(draws[1]) == 499


def test_a_city_with_a_gap_in_its_path_takes_no_part():
    holed = PANEL.copy()
    holed.loc[5, "x"] = np.nan
    without = PANEL[PANEL["city_code"] != holed.loc[5, "city_code"]]
    rows, placebo = infer_by_placebo(spec_of("placebo"), holed, holed)
    expected, other = infer_by_placebo(spec_of("placebo"), without, without)
    assert rows == [replace(row, n_without_path=1) for row in expected]
    np.testing.assert_array_equal(placebo.placebo_draws, other.placebo_draws)


def test_a_cluster_that_changes_within_cities_is_refused_in_words():
    panel = PANEL.assign(province=PANEL["year"].astype(str))
    spec = spec_of("wild_bootstrap", cluster="province")
    (row,) = tabulate_resampled_inference([spec], panel, NO_TIMING).to_pylist()
    assert row["status"] == "not_estimable"
    assert "province changes within cities" in row["reason"]
    assert row["method"] is None


@pytest.mark.parametrize("design", ["bootstrap", "wild_bootstrap", "jackknife", "placebo"])
def test_row_order_and_units_do_not_matter(design):
    spec = spec_of(design, cluster="province" if design == "jackknife" else "city_code")

    def table(panel):
        return tabulate_resampled_inference([spec], panel, NO_TIMING).to_pandas()

    plain = table(PANEL)
    shuffled = table(PANEL.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(plain, shuffled, rtol=1e-12)
    scaled = table(PANEL.assign(y=1000 * PANEL["y"], x=PANEL["x"] / 1000))
    np.testing.assert_allclose(scaled["estimate"], 1e6 * plain["estimate"], rtol=1e-8)
    np.testing.assert_allclose(
        scaled["p_two_sided"].astype(float), plain["p_two_sided"].astype(float), rtol=1e-6
    )


def test_an_empty_sample_is_a_reason():
    rows = tabulate_resampled_inference(
        [
            spec_of("jackknife", sample_filter="year > 2100"),
            spec_of("placebo", sample_filter="year > 2100"),
        ],
        PANEL,
        NO_TIMING,
    ).to_pylist()
    assert [row["status"] for row in rows] == ["not_estimable"] * 2
    assert all("0 usable rows" in row["reason"] for row in rows)
