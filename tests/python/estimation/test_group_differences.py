"""Differences between groups: each method against a loop of feols, and what each may claim."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from support.city_panels import CONTROLS, REGRESSORS, feols, feols_coefficients, repeated_panel
from support.drawn_cities import drawn_cities
from urban_resilience.estimation.estimators import group_differences
from urban_resilience.estimation.estimators.group_differences import (
    METHODS,
    GroupComparison,
    compare_by,
    compare_groups,
)
from urban_resilience.estimation.resampling import (
    NotEstimableError,
    bootstrap_cities,
    bootstrap_rows,
    complete_panel,
    permute_histories,
    permute_labels,
)

DATA = repeated_panel()
N_LOOP = 4
GROUPS = ["group", "high"]


def comparison(group, data=DATA):
    return GroupComparison.from_frame(data, "y", "x", group, CONTROLS)


def first(data, city="city_code"):
    return feols_coefficients(data, city=city)[0]


def loop(method, group, rng):
    """Differences of the first draws, by the definition of the method."""
    rows = complete_panel(DATA, (*REGRESSORS, "y"), also=(group,))
    labels = rows[group].to_numpy(bool)
    cities = np.sort(rows["city_code"].unique())
    if method == "row_bootstrap":
        n_1 = labels.sum()
        samples = bootstrap_rows(len(rows), (n_1, len(rows) - n_1), N_LOOP, rng)
        for one, zero in zip(*samples, strict=True):
            drawn = [rows.loc[np.repeat(rows.index, side.astype(int))] for side in (one, zero)]
            yield first(drawn[0]) - first(drawn[1])
    if method == "row_permutation":
        for draw in permute_labels(labels, N_LOOP, rng):
            yield first(rows[draw]) - first(rows[~draw])
    if method == "city_bootstrap":
        for weights in bootstrap_cities(len(cities), N_LOOP, rng):
            sample = drawn_cities(rows.assign(side=labels), cities, weights)
            side = sample["side"].to_numpy()
            yield first(sample[side], "copy") - first(sample[~side], "copy")
    if method == "city_permutation" and group == "group":
        own = pd.Series(labels).groupby(rows["city_code"].to_numpy()).first().to_numpy()
        for draw in permute_labels(own, N_LOOP, rng):
            side = rows["city_code"].isin(cities[draw])
            yield first(rows[side]) - first(rows[~side])
    if method == "city_permutation" and group == "high":
        codes = pd.factorize(rows["city_code"], sort=True)[0]
        years = rows["year"].to_numpy()
        for draw in permute_histories(labels, codes, years, N_LOOP, rng):
            yield first(rows[draw]) - first(rows[~draw])


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("method", METHODS[:-1])
def test_draws_equal_a_loop_of_feols(method, group):
    draw = group_differences.DRAWS_OF[method]
    differences = draw(comparison(group), N_LOOP, np.random.default_rng(3))
    expected = list(loop(method, group, np.random.default_rng(3)))
    np.testing.assert_allclose(differences, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("group", GROUPS)
def test_estimates_and_observations_equal_separate_regressions(group):
    result = compare_by("row_permutation", comparison(group), 9, 0)
    models = [feols(DATA[DATA[group] == side]) for side in (True, False)]
    assert result.estimate_group_1 == pytest.approx(models[0].coef()["x"], rel=1e-8)
    assert result.estimate_group_0 == pytest.approx(models[1].coef()["x"], rel=1e-8)
    assert result.difference == result.estimate_group_1 - result.estimate_group_0
    assert (result.n_obs_group_1, result.n_obs_group_0) == (models[0]._N, models[1]._N)


@pytest.mark.parametrize("group", GROUPS)
def test_interacted_equals_pyfixest(group):
    """A city in both groups has an effect in each and is one cluster."""
    data = DATA.assign(g=DATA[group].astype(int))
    for name in REGRESSORS:
        data[f"{name}_g"] = data[name] * data["g"]
    names = (*REGRESSORS, *(f"{name}_g" for name in REGRESSORS))
    model = feols(data, regressors=names, effects="year^g", city="city_code^g", cluster="city_code")
    result = compare_by("interacted", comparison(group), 0, 0)
    assert result.difference == pytest.approx(model.coef()["x_g"], rel=1e-8)
    assert result.std_error == pytest.approx(model.se()["x_g"], rel=1e-8)
    assert result.p_two_sided == pytest.approx(model.pvalue()["x_g"], rel=1e-6)
    low, high = model.confint().loc["x_g"]
    assert (result.conf_low, result.conf_high) == pytest.approx((low, high), rel=1e-6)
    t = result.difference / result.std_error
    assert result.p_greater == pytest.approx(stats.t.sf(t, model._G[0] - 1))
    assert (result.draws, result.failed_draws, result.seed) == (0, 0, None)


@pytest.mark.parametrize("method", METHODS[:-1])
def test_p_values_count_draws(method):
    prepared, seed, draws = comparison("group"), 11, 200
    result = compare_by(method, prepared, draws, seed)
    rng = np.random.default_rng([METHODS.index(method), seed])
    values = group_differences.DRAWS_OF[method](prepared, draws, rng)
    d = result.difference
    null = values - d if method == "city_bootstrap" else values
    assert result.p_greater == (1 + (null >= d).sum()) / (draws + 1)
    assert result.p_less == (1 + (null <= d).sum()) / (draws + 1)
    assert result.p_two_sided == (1 + (np.abs(null) >= abs(d)).sum()) / (draws + 1)
    assert (result.draws, result.failed_draws, result.seed) == (draws, 0, seed)
    if method == "city_bootstrap":
        assert result.std_error == pytest.approx(values.std(ddof=1))
        assert result.conf_low == pytest.approx(np.quantile(values, 0.025))
    else:
        assert result.std_error is result.conf_low is result.conf_high is None


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("method", METHODS[:-1])
def test_blocks_of_draws_change_nothing(method, group, monkeypatch):
    whole = compare_by(method, comparison(group), 50, 1)
    monkeypatch.setattr(group_differences, "BLOCK_NUMBERS", 7 * len(DATA))
    pieces = compare_by(method, comparison(group), 50, 1)
    rounded = ("std_error", "conf_low", "conf_high", "null_draws")
    for name, value in asdict(whole).items():
        if name in rounded and value is not None:
            assert getattr(pieces, name) == pytest.approx(value, rel=1e-10)
        else:
            assert getattr(pieces, name) == value


def test_methods_do_not_depend_on_each_other():
    every = compare_groups(DATA, "y", "x", "group", CONTROLS, draws=60, seed=2)
    assert [result.method for result in every] == list(METHODS)
    only = compare_groups(
        DATA, "y", "x", "group", CONTROLS, methods=("city_permutation",), draws=60, seed=2
    )
    assert only == (every[3],)


def test_swapping_the_groups_mirrors_the_result():
    swapped = DATA.assign(group=~DATA["group"])
    for method in ("city_bootstrap", "interacted"):
        one = compare_by(method, comparison("group"), 100, 1)
        other = compare_by(method, comparison("group", swapped), 100, 1)
        assert one.difference == pytest.approx(-other.difference)
        assert (one.p_greater, one.p_less) == pytest.approx((other.p_less, other.p_greater))


def test_a_true_difference_is_found_and_a_false_one_is_not():
    """Slopes 0.5 + 2 in group 1: every method sees it; labels at random: no method insists."""
    differing = DATA.assign(y=DATA["y"] + 2 * DATA["x"] * DATA["group"])
    for result in compare_groups(differing, "y", "x", "group", CONTROLS, draws=199):
        assert result.difference == pytest.approx(2, abs=0.8)
        assert result.p_two_sided < 0.05 and result.p_greater < 0.05 < result.p_less


def test_failed_draws_are_counted():
    """Two cities of group 1 are treated: half the permutations leave a group without any."""
    cities = np.sort(DATA["city_code"].unique())
    ever = np.isin(DATA["city_code"], cities[[0, 1, 2, 3]])
    data = DATA.assign(d=(ever & (DATA["year"] >= 2011)).astype(float))
    data["side"] = np.isin(data["city_code"], cities[::2])
    prepared = GroupComparison.from_frame(data, "y", "d", "side")
    result = compare_by("city_permutation", prepared, 400, 0)
    own = np.isin(cities, cities[::2])
    rng = np.random.default_rng([METHODS.index("city_permutation"), 0])
    treated_in_group_1 = permute_labels(own, 400, rng)[:, :4].sum(axis=1)
    assert result.failed_draws == np.isin(treated_in_group_1, (0, 4)).sum() > 10
    assert result.p_two_sided >= 1 / (401 - result.failed_draws)


@pytest.mark.parametrize(
    ("change", "error", "fault"),
    [
        ({"group": True}, NotEstimableError, "the same in every row"),
        ({"group": 2}, ValueError, "true and false"),
        ({"x": DATA["x"].where(DATA["group"], 1.0)}, NotEstimableError, "in group 0"),
    ],
)
def test_what_cannot_be_compared(change, error, fault):
    with pytest.raises(error, match=fault):
        compare_groups(DATA.assign(**change), "y", "x", "group", draws=9)


def test_unknown_method():
    with pytest.raises(ValueError, match="unknown method chow"):
        compare_groups(DATA, "y", "x", "group", methods=("chow",))


def test_missing_labels_leave_rows_out():
    labels = DATA["high"].astype("boolean").where(DATA["year"] != 2009)
    result = compare_by("interacted", comparison("high", DATA.assign(high=labels)), 0, 0)
    expected = compare_by("interacted", comparison("high", DATA[DATA["year"] != 2009]), 0, 0)
    assert result == expected


@pytest.mark.parametrize("method", METHODS)
def test_p_values_are_counted_among_the_draws_kept(method):
    result = compare_by(method, comparison("group"), 60, 4)
    drawn = np.array(result.null_draws)
    assert len(drawn) == result.draws == (0 if method == "interacted" else 60)
    if len(drawn):
        beyond = (np.abs(drawn) >= abs(result.difference)).sum()
        assert result.p_two_sided == pytest.approx((1 + beyond) / 61)
        assert result.p_greater == pytest.approx((1 + (drawn >= result.difference).sum()) / 61)
