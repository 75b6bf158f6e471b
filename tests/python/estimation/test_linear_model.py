"""The regression under every design: against pyfixest, against dummies, and the rule by hand."""

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
import statsmodels.formula.api as smf

from support.least_squares import dummy_regression
from support.panels import make_panel, make_unbalanced_panel
from urban_resilience.estimation.least_squares.absorption import keep_repeated_levels, residualize
from urban_resilience.estimation.least_squares.clustered_covariance import floor_eigenvalues
from urban_resilience.estimation.least_squares.inference import perfect_fit_reason
from urban_resilience.estimation.least_squares.linear_model import (
    combine_terms,
    fit_linear,
    wald_test,
)
from urban_resilience.estimation.least_squares.regression_sample import draw_sample
from urban_resilience.estimation.least_squares.small_sample import small_sample_rule

TERMS = ["x", "z"]
PANELS = {"balanced": make_panel, "unbalanced": make_unbalanced_panel}


def fit(frame, effects=("year", "city_code"), clusters=("city_code",), weights=None, terms=TERMS):
    sample = draw_sample(
        frame, numeric=["y", *terms], fixed_effects=effects, clusters=clusters, weights=weights
    )
    return fit_linear(sample, "y", terms)


def pyfixest_fit(frame, effects, clusters, weights):
    """pyfixest without its count of parameters: that count is what the rule replaces."""
    absorbed = f" | {' + '.join(effects)}" if effects else ""
    return pf.feols(
        f"y ~ {' + '.join(TERMS)}{absorbed}",
        data=frame,
        vcov={"CRV1": "+".join(clusters)},
        ssc=pf.ssc(k_adj=False),
        weights=weights,
        fixef_rm="singleton",
        fixef_tol=1e-12,
    )


# Effects, clusters and what K counts beyond the two slopes on the panel of 30 cities, 7 provinces
# and 8 years: the constant and the levels less one of each effect that is neither nested in a
# cluster nor spanned by a finer one.
RULE_CASES = [
    ((), ("city_code",), 1),
    (("year",), ("city_code",), 1 + 7),
    (("city_code",), ("city_code",), 1),
    (("year", "city_code"), ("city_code",), 1 + 7),
    (("city_code", "year"), ("city_code",), 1 + 7),
    (("year", "city_code"), ("year",), 1 + 29),
    (("year", "city_code"), ("province",), 1 + 7),
    (("year", "city_code"), ("city_code", "year"), 1),
    (("year", "city_code", "province"), ("city_code",), 1 + 7),
    (("province^year", "city_code"), ("city_code",), 1 + 55),
    (("province^year", "city_code"), ("province",), 1),
]


@pytest.mark.parametrize(("effects", "clusters", "beyond_slopes"), RULE_CASES)
def test_parameters_are_counted_as_by_hand(effects, clusters, beyond_slopes):
    rule = fit(make_panel(), effects, clusters).rule
    n_parameters = 2 + beyond_slopes
    n_clusters = {"city_code": 30, "year": 8, "province": 7}
    smaller = min(n_clusters[name] for name in clusters)
    assert rule.n_parameters == n_parameters
    assert rule.n_clusters == smaller
    assert rule.factor == pytest.approx(smaller / (smaller - 1) * 239 / (240 - n_parameters))


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize(
    ("effects", "clusters"), [case[:2] for case in RULE_CASES if "province^year" not in case[0]]
)
def test_agrees_with_pyfixest(effects, clusters, weights):
    frame = make_unbalanced_panel()
    frame["weight"] = 0.5 + frame["w"].abs()
    model, peer = (
        fit(frame, effects, clusters, weights),
        pyfixest_fit(frame, effects, clusters, weights),
    )
    n, k = model.fit.n_obs, model.rule.n_parameters
    errors = peer.se()[list(model.terms)].to_numpy() * np.sqrt((n - 1) / (n - k))
    assert n == peer._N
    assert model.estimates == pytest.approx(peer.coef()[list(model.terms)].to_numpy(), rel=1e-8)
    assert np.sqrt(np.diag(model.covariance)) == pytest.approx(errors, rel=1e-6)
    assert model.fit.r2 == pytest.approx(peer._r2, rel=1e-8)
    if effects:
        assert model.fit.r2_within == pytest.approx(peer._r2_within, rel=1e-8)


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize(
    ("effects", "clusters"), [case[:2] for case in RULE_CASES if "province^year" not in case[0]]
)
def test_agrees_with_dummies(panel, effects, clusters):
    frame = PANELS[panel]()
    model, peer = (
        fit(frame, effects, clusters),
        dummy_regression(frame, "y", TERMS, effects, clusters),
    )
    coefficients = {term.term: term for term in model.fit.coefficients}
    for position, name in enumerate(TERMS):
        assert coefficients[name].estimate == pytest.approx(peer.estimate[position], rel=1e-10)
        assert coefficients[name].std_error == pytest.approx(peer.std_error[position], rel=1e-10)
    assert model.rule.n_parameters == peer.n_parameters


def test_province_effects_are_absorbed_by_city_effects():
    """As printed in the paper: adding them changes no digit that matters, K included."""
    plain, printed = (
        fit(make_unbalanced_panel(), effects)
        for effects in (("year", "city_code"), ("year", "city_code", "province"))
    )
    assert printed.estimates == pytest.approx(plain.estimates, rel=1e-12)
    assert printed.covariance == pytest.approx(plain.covariance, rel=1e-10)


def test_joined_effects_equal_a_joined_column():
    frame = make_unbalanced_panel()
    frame["both"] = frame["province"] + "/" + frame["year"].astype(str)
    joined, column = (fit(frame, (name, "city_code")) for name in ("province^year", "both"))
    assert (joined.estimates == column.estimates).all()
    assert joined.fit.n_obs == column.fit.n_obs < fit(frame).fit.n_obs


def test_row_order_changes_no_digit():
    frame = make_unbalanced_panel()
    shuffled = frame.sample(frac=1, random_state=1)
    assert fit(frame).fit == fit(shuffled).fit
    two_ways = ("province", "year")
    assert fit(frame, clusters=two_ways).fit == fit(shuffled, clusters=two_ways).fit


def test_singletons_fall_in_a_chain():
    """Row 0 is alone in its city; without it row 1 is alone in its year, and so on."""
    city = np.array([0, 1, 1, 2, 2, 2, 3, 3])
    year = np.array([0, 0, 1, 1, 2, 3, 2, 3])
    assert list(keep_repeated_levels([city, year])) == [False] * 4 + [True] * 4


def test_residuals_are_those_of_dummies():
    frame = make_unbalanced_panel()
    weights = 0.1 + frame["w"].to_numpy() ** 2
    columns = frame[["y", "x"]].to_numpy()
    codes = [frame.groupby(name).ngroup().to_numpy() for name in ("city_code", "year", "province")]
    dummies = np.hstack([np.eye(code.max() + 1)[code] for code in codes])
    root = np.sqrt(weights)[:, None]
    fitted = dummies @ np.linalg.lstsq(dummies * root, columns * root, rcond=None)[0]
    assert residualize(columns, codes, weights) == pytest.approx(columns - fitted, abs=1e-11)


def test_combination_and_wald_agree_with_statsmodels():
    frame = make_panel()
    model = fit(frame, effects=(), terms=["x", "z", "w"])
    groups = pd.factorize(frame["city_code"])[0]
    peer = smf.ols("y ~ x + z + w", frame).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    together = combine_terms(model, {"x": 1.0, "z": -2.0}, "together")
    line = peer.t_test("x - 2 * z = 0")
    assert together.estimate == pytest.approx(line.effect[0], rel=1e-10)
    assert together.std_error == pytest.approx(line.sd[0, 0], rel=1e-10)
    assert together.p_value == pytest.approx(float(line.pvalue), rel=1e-8)
    assert [together.conf_low, together.conf_high] == pytest.approx(line.conf_int()[0], rel=1e-8)
    joint, expected = wald_test(model, [{"x": 1.0}, {"z": 1.0}]), peer.f_test("x = 0, z = 0")
    assert joint.statistic == pytest.approx(float(expected.fvalue), rel=1e-10)
    assert joint.p_value == pytest.approx(float(expected.pvalue), rel=1e-8)
    assert (joint.numerator_df, joint.denominator_df) == (2, 29)


def test_wald_refuses_a_singular_block():
    model = fit(make_panel(n_cities=3), terms=["x", "z", "w"])
    assert model.rule.n_clusters == 3
    assert wald_test(model, [{"x": 1.0}, {"z": 1.0}, {"w": 1.0}]) is None
    assert wald_test(model, []) is None


def test_a_negative_two_way_variance_is_floored():
    assert floor_eigenvalues(np.diag([2.0, -1.0])) == pytest.approx(np.diag([2.0, 0.0]))
    positive = np.array([[2.0, 0.5], [0.5, 1.0]])
    assert floor_eigenvalues(positive) is positive


@pytest.mark.thorough
def test_a_negative_variance_is_said():
    """Two ways of clustering with few clusters: 12 rows, scores that cancel within both."""
    frame = make_panel(n_cities=4, n_years=3)
    found = []
    for seed in range(8, 40):
        noise = np.random.default_rng(seed).normal(size=len(frame))
        fitted = fit(frame.assign(y=noise), clusters=("city_code", "year"), terms=["x"]).fit
        found.append(fitted)
    refused = [one for one in found if one.status == "not_estimable"]
    assert refused
    assert {one.reason for one in refused} == {"no positive clustered variance: x"}
    assert all(one.coefficients[0].std_error > 0 for one in found if one not in refused)


def perfect(frame):
    """No residual, beside large effects of cities and years."""
    effects = 7 * frame["city_code"].astype(float) + frame["year"] ** 2 / 1000
    return frame.assign(y=2 * frame["x"] - 3 * frame["z"] + effects)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_a_perfect_fit_has_estimates_and_no_inference(unit):
    """t would be 9e13, of rounding."""
    frame = perfect(make_panel())
    model = fit(frame.assign(y=frame["y"] * unit))
    assert model.estimates == pytest.approx([2 * unit, -3 * unit], rel=1e-10)
    for term in model.fit.coefficients:
        values = [term.std_error, term.statistic, term.p_value, term.conf_low, term.conf_high]
        assert np.isnan(values).all()
    assert perfect_fit_reason(model.fit, "y") == (
        "no residual left in y: the regression fits it perfectly"
    )
    assert wald_test(model, [{"x": 1.0}]) is None
    assert np.isnan(combine_terms(model, {"x": 1.0, "z": 1.0}, "sum").std_error)


def test_small_residuals_are_still_residuals():
    """A millionth of the outcome's spread is six digits away from rounding."""
    frame = perfect(make_panel())
    frame["y"] += 1e-6 * frame["w"]
    model, peer = fit(frame), fit(frame.assign(y=frame["w"]))
    errors = [term.std_error for term in model.fit.coefficients]
    expected = [1e-6 * term.std_error for term in peer.fit.coefficients]
    assert errors == pytest.approx(expected, rel=1e-5)
    assert perfect_fit_reason(model.fit, "y") is None


def test_scores_that_cancel_within_clusters_are_said():
    """The residual is orthogonal to x in each cluster: 1e-33 is no variance."""
    x = np.tile([-1.0, 0.0, 1.0], 10)
    y = 2 * x + np.tile([1.0, -2.0, 1.0], 10) * np.repeat(np.arange(1, 11), 3)
    cluster = np.repeat([f"c{i}" for i in range(10)], 3)
    frame = pd.DataFrame({"x": x, "y": y, "city_code": cluster})
    model = fit(frame, effects=(), terms=["x"])
    assert model.fit.status == "not_estimable"
    assert "no positive clustered variance: " in model.fit.reason and "x" in model.fit.reason


def test_terms_that_cancel_have_no_standard_error():
    frame = make_panel()
    model = fit(frame, terms=["x", "z"])
    same = combine_terms(model, {"x": 0.0, "z": 0.0}, "nothing")
    assert same.estimate == 0 and np.isnan(same.std_error)


def test_rule_on_a_hand_made_case():
    """Six rows, 3 cities nested in the clusters, 2 years: K = 1 + 1 + (2 - 1)."""
    city, year = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1] * 3)
    rule = small_sample_rule(6, 1, [year, city], [city])
    assert (rule.n_parameters, rule.n_clusters, rule.degrees_of_freedom) == (3, 3, 2)
    assert rule.factor == pytest.approx(3 / 2 * 5 / 3)


def empty(frame):
    return frame.head(0)


def nine_rows(frame):
    return frame[frame["year"] < 2011].head(9)


def one_city(frame):
    return pd.concat([frame.head(8)] * 2)


def no_value(frame):
    return frame.assign(x=np.nan)


def all_infinite(frame):
    return frame.assign(x=np.inf)


def constant(frame):
    return frame.assign(x=3.0)


def constant_outcome(frame):
    return frame.assign(y=0.0)


def absorbed(frame):
    return frame.assign(x=frame["year"] * 2.0 + frame["city_code"].astype(float))


def collinear(frame):
    return frame.assign(z=frame["x"] * 2 + frame["year"])


def absent(frame):
    return frame.drop(columns="x")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (empty, "0 usable rows"),
        (nine_rows, "9 usable rows"),
        (one_city, "1 cluster of city_code"),
        (no_value, "no value in the sample: x"),
        (all_infinite, "infinite values in the sample: x"),
        (constant, "does not vary in the sample: x"),
        (constant_outcome, "does not vary in the sample: y"),
        (absorbed, "absorbed by the effects of year and city_code together: x"),
        (collinear, "collinear with other regressors: z"),
        (absent, "no column x in the data"),
    ],
)
def test_what_the_data_lack_is_said(damage, reason):
    model = fit(damage(make_panel()))
    assert model.fit.status == "not_estimable"
    assert reason in model.fit.reason


def test_more_parameters_than_rows_is_said():
    """Four slopes, five cities and two years: K = 4 + 1 + 4 + 1 on ten rows."""
    frame = make_panel(n_cities=5, n_years=2)
    frame["side"] = [0, 1, 1, 0, 0, 0, 1, 1, 0, 1]
    frame["v"] = frame["w"] ** 2
    model = fit(frame, clusters=("side",), terms=["x", "z", "w", "v"])
    assert model.fit.reason == "10 rows for 10 parameters"


def test_nullable_and_boolean_columns_are_numbers():
    frame = make_panel()
    frame["flag"] = frame["w"] > 0
    frame["whole"] = frame["w"].round().astype("Int64").mask(frame["w"] > 2)
    model = fit(frame, terms=["flag", "whole"])
    plain = frame.assign(flag=frame["flag"] * 1.0, whole=frame["whole"].astype(float))
    assert model.fit == fit(plain, terms=["flag", "whole"]).fit
    assert model.fit.n_obs == 240 - (frame["w"] > 2).sum()


def test_zero_weights_leave_rows_out():
    frame = make_panel()
    frame["weight"] = np.where(frame["province"] == "p3", 0.0, 1.0)
    kept = frame[frame["province"] != "p3"]
    assert fit(frame, weights="weight").fit == fit(kept).fit
