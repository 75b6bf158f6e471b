"""Two-stage least squares and weak-instrument inference, against linearmodels and brute force."""

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
from linearmodels.datasets import card, wage_panel
from linearmodels.iv import IV2SLS
from scipy import stats

from support.least_squares import dummy_regression
from support.panels import make_panel, make_spec
from urban_resilience.estimation.designs import fit as fit_design
from urban_resilience.estimation.estimators import anderson_rubin
from urban_resilience.estimation.estimators.anderson_rubin import InstrumentMoments
from urban_resilience.estimation.estimators.instrument_strength import partial_out
from urban_resilience.estimation.estimators.instrumental_variables import fit_instrumental_variables
from urban_resilience.estimation.least_squares.regression_sample import draw_sample

CARD_CONTROLS = ["exper", "expersq", "black", "south", "smsa"]


@pytest.fixture(scope="module")
def schooling() -> pd.DataFrame:
    """Card (1995): 3,010 men, college proximity as instrument of schooling."""
    return card.load().assign(person=lambda data: np.arange(len(data)))


@pytest.fixture(scope="module")
def wages() -> pd.DataFrame:
    """Vella and Verbeek (1998): the first 150 men, 1980-1987, rows lost at random."""
    data = wage_panel.load()
    data = data[data["nr"].rank(method="dense") <= 150].sample(frac=0.8, random_state=2)
    data["weight"] = data["hours"] / 1000 + 0.1
    return data.rename(columns={"nr": "city_code"})


def fit_wages(wages, **changes):
    plain = {"outcome": "lwage", "endogenous": "hours", "instruments": ["married"]}
    return fit_instrumental_variables(wages, **{**plain, "controls": ["union"], **changes})


def weak_panel(strength: float, n_cities: int = 40, seed: int = 0) -> pd.DataFrame:
    """y = x + noise, x endogenous, the instrument as strong as asked for."""
    frame = make_panel(n_cities=n_cities, n_years=6, seed=seed)
    rng = np.random.default_rng(seed + 1)
    shock = rng.normal(size=len(frame))
    frame["instrument"] = frame["w"]
    frame["x"] = strength * frame["w"] + shock + rng.normal(size=len(frame))
    frame["side"] = np.arange(len(frame)) * 7 % 11
    frame["y"] = frame["x"] + 2 * shock + rng.normal(size=len(frame)) + frame["year"] / 10
    return frame


def fit_weak(frame, **changes):
    plain = {"outcome": "y", "endogenous": "x", "instruments": ["instrument"], "controls": ["z"]}
    return fit_instrumental_variables(frame, **{**plain, **changes})


def one_instrument(outcome, regressor, *variances):
    """Moments of a single instrument, 30 degrees of freedom."""
    products = (np.array([value]) for value in (outcome, regressor))
    squares = (np.array([[value]]) for value in variances)
    return InstrumentMoments(*products, *squares, degrees_of_freedom=30)


def first(fit):
    """The coefficient after the constant, if there is one."""
    return next(c for c in fit.coefficients if c.term != "Intercept")


def test_card_agrees_with_linearmodels(schooling):
    """One person per cluster: G/(G-1) x (N-1)/(N-K) is N/(N-K), their robust rule."""
    result = fit_instrumental_variables(
        schooling,
        outcome="lwage",
        endogenous="educ",
        instruments=["nearc4"],
        controls=CARD_CONTROLS,
        fixed_effects=(),
        clusters=["person"],
    )
    exogenous = schooling[CARD_CONTROLS].assign(Intercept=1.0)
    peer = IV2SLS(schooling["lwage"], exogenous, schooling["educ"], schooling["nearc4"]).fit(
        cov_type="robust", debiased=True
    )
    for term in result.two_stage.coefficients:
        assert term.estimate == pytest.approx(peer.params[term.term], rel=1e-8)
        assert term.std_error == pytest.approx(peer.std_errors[term.term], rel=1e-8)
    # Card (1995), as printed in textbooks: 0.132, against 0.074 by least squares.
    assert first(result.two_stage).estimate == pytest.approx(0.132, abs=5e-4)
    assert first(result.least_squares).estimate == pytest.approx(0.074, abs=5e-4)
    f_statistic = peer.first_stage.diagnostics["f.stat"].iloc[0]
    assert result.strength.effective_f == pytest.approx(f_statistic, rel=1e-8)


@pytest.mark.parametrize("weights", [None, "weight"])
def test_two_way_effects_agree_with_linearmodels_on_partialled_data(wages, weights):
    """Dummies taken out by hand; their plain sandwich times the factor worked out by hand."""
    result = fit_wages(wages, weights=weights)
    weight = np.ones(len(wages)) if weights is None else wages[weights].to_numpy()
    dummies = np.hstack(
        [pd.get_dummies(wages[name]).to_numpy(dtype=float) for name in ("city_code", "year")]
    )
    root = np.sqrt(weight)[:, None]
    names = ["lwage", "hours", "married", "union"]
    columns = wages[names].to_numpy(dtype=float)
    fitted = dummies @ np.linalg.lstsq(dummies * root, columns * root, rcond=None)[0]
    net = pd.DataFrame(columns - fitted, columns=names, index=wages.index)
    model = IV2SLS(
        net["lwage"],
        net["union"],
        net["hours"],
        net["married"],
        weights=pd.Series(weight, index=wages.index),
    )
    peer = model.fit(cov_type="clustered", clusters=wages["city_code"], debiased=False)
    n, g = len(wages), wages["city_code"].nunique()
    k = 2 + 1 + 7  # hours and union, the constant, eight years less one; men are nested
    factor = g / (g - 1) * (n - 1) / (n - k)
    for term in result.two_stage.coefficients:
        assert term.estimate == pytest.approx(peer.params[term.term], rel=1e-8)
        expected = peer.std_errors[term.term] * np.sqrt(factor)
        assert term.std_error == pytest.approx(expected, rel=1e-6)


def test_agrees_with_pyfixest(wages):
    result = fit_wages(wages)
    peer = pf.feols(
        "lwage ~ union | year + city_code | hours ~ married",
        wages,
        vcov={"CRV1": "city_code"},
        ssc=pf.ssc(k_adj=False),
        fixef_tol=1e-12,
    )
    n, k = result.two_stage.n_obs, 2 + 8
    hours = first(result.two_stage)
    assert hours.estimate == pytest.approx(peer.coef()["hours"], rel=1e-8)
    assert hours.std_error == pytest.approx(
        peer.se()["hours"] * np.sqrt((n - 1) / (n - k)), rel=1e-6
    )


@pytest.mark.parametrize("clusters", [["city_code"], ["city_code", "side"]])
def test_stages_are_regressions_of_their_own(clusters):
    frame = weak_panel(0.6)
    result = fit_weak(frame, clusters=clusters)
    effects = ("year", "city_code")
    stages = {
        "least_squares": ("y", ["x", "z"]),
        "first_stage": ("x", ["instrument", "z"]),
        "reduced_form": ("y", ["instrument", "z"]),
    }
    for name, (outcome, regressors) in stages.items():
        peer = dummy_regression(frame, outcome, regressors, effects, clusters)
        coefficients = getattr(result, name).coefficients
        assert [c.term for c in coefficients] == regressors
        assert [c.estimate for c in coefficients] == pytest.approx(peer.estimate, rel=1e-9)
        assert [c.std_error for c in coefficients] == pytest.approx(peer.std_error, rel=1e-9)
    ratio = first(result.reduced_form).estimate / first(result.first_stage).estimate
    assert first(result.two_stage).estimate == pytest.approx(ratio, rel=1e-10)


def test_strength_by_the_formulas_of_the_papers(wages):
    """rk Wald F of ivreg2, effective F and rk LM written out as matrices, one instrument."""
    result = fit_wages(wages)
    dummies = np.hstack(
        [
            pd.get_dummies(wages["city_code"]).to_numpy(dtype=float),
            pd.get_dummies(wages["year"]).to_numpy(dtype=float),
            wages[["union"]].to_numpy(dtype=float),
        ]
    )
    columns = wages[["married", "hours"]].to_numpy(dtype=float)
    z, x = (columns - dummies @ np.linalg.lstsq(dummies, columns, rcond=None)[0]).T
    n, g, k = len(z), wages["city_code"].nunique(), 2 + 8
    pi, q_zz = z @ x / (z @ z), z @ z / n
    scores = pd.Series(z * (x - pi * z)).groupby(wages["city_code"].to_numpy()).sum()
    sandwich = (scores @ scores) / n
    # Montiel Olea and Pflueger (2013): F = x'Z Z'x / (N tr W), Z orthonormal, W of the same scale.
    effective = (z @ x) ** 2 / n / q_zz / (sandwich / q_zz)
    # ivreg2: chi2 (N-K)/(N-1) (G-1)/G.
    correction = (n - k) / (n - 1) * (g - 1) / g
    rk_wald = n * pi**2 * q_zz**2 / sandwich * correction
    assert result.strength.kleibergen_paap_f == pytest.approx(rk_wald, rel=1e-9)
    assert result.strength.effective_f == pytest.approx(effective * correction, rel=1e-9)
    assert result.strength.effective_f == pytest.approx(
        first(result.first_stage).statistic ** 2, rel=1e-10
    )
    null_scores = pd.Series(z * x).groupby(wages["city_code"].to_numpy()).sum()
    lagrange = (z @ x) ** 2 / (null_scores @ null_scores)
    assert result.strength.kleibergen_paap_lm == pytest.approx(lagrange, rel=1e-9)
    assert result.strength.lm_p_value == pytest.approx(stats.chi2.sf(lagrange, 1), rel=1e-6)


@pytest.mark.parametrize(("strength", "is_weak"), [(1.0, False), (0.2, True)])
def test_weakness_is_judged_by_the_effective_f(strength, is_weak):
    result = fit_weak(weak_panel(strength)).strength
    assert result.is_weak is is_weak
    assert (result.effective_f <= 23.1) is is_weak
    assert (result.effective_f_critical, result.stock_yogo_f, result.valid_t_test_f) == (
        23.1,
        16.38,
        104.7,
    )


# Instruments from strong to useless, and what their confidence sets look like.
SETS = [(1.0, 0, "bounded"), (0.05, 5, "two_rays"), (0.0, 0, "unbounded")]


def rejects(frame, value, clusters):
    """The test of one value, written out for a balanced panel: twice demeaned, then a sandwich."""
    net = frame[["z", "instrument"]].assign(tested=frame["y"] - value * frame["x"])
    by_city, by_year = (
        net.groupby(frame[name]).transform("mean") for name in ("city_code", "year")
    )
    net = net - by_city - by_year + net.mean()
    matrix, target = net[["instrument", "z"]].to_numpy(), net["tested"].to_numpy()
    bread = np.linalg.inv(matrix.T @ matrix)
    slopes = bread @ matrix.T @ target
    scores = pd.DataFrame(matrix * (target - matrix @ slopes)[:, None])
    keys = [frame[name].to_numpy() for name in clusters]
    sums = [scores.groupby(key).sum().to_numpy() for key in keys]
    meat = sum(total.T @ total for total in sums)
    if len(keys) == 2:
        both = scores.groupby(keys).sum().to_numpy()
        meat = meat - both.T @ both
    n, g = len(frame), min(len(np.unique(key)) for key in keys)
    parameters = 2 + 1 + (frame["year"].nunique() - 1)
    variance = (bread @ meat @ bread)[0, 0] * g / (g - 1) * (n - 1) / (n - parameters)
    return slopes[0] ** 2 > stats.f.ppf(0.95, 1, g - 1) * variance


@pytest.mark.thorough
@pytest.mark.parametrize("clusters", [["city_code"], ["city_code", "side"]])
@pytest.mark.parametrize(("strength", "seed", "shape"), SETS)
def test_anderson_rubin_set_is_the_one_a_grid_finds(strength, seed, shape, clusters):
    frame = weak_panel(strength, seed=seed)
    found = fit_weak(frame, clusters=clusters).anderson_rubin
    assert found.shape == shape
    ends = [end for interval in found.intervals for end in interval if np.isfinite(end)]
    around = [end + np.array([-1e-6, 1e-6]) * max(1, abs(end)) for end in ends]
    for value in np.concatenate([np.linspace(-30, 30, 31), np.linspace(0, 4, 21), *around]):
        inside = any(low <= value <= high for low, high in found.intervals)
        assert inside != rejects(frame, value, clusters), value


def p_value_of(frame, value, weights):
    """Clustered p of the instrument in the regression of y - value x, by pyfixest."""
    tested = frame.assign(tested=frame["y"] - value * frame["x"])
    peer = pf.feols(
        "tested ~ instrument + z | year + city_code",
        tested,
        weights=weights,
        vcov={"CRV1": "city_code"},
        ssc=pf.ssc(k_adj=False),
        fixef_tol=1e-12,
    )
    n, k = len(frame), 2 + 1 + 5
    statistic = peer.tstat()["instrument"] / np.sqrt((n - 1) / (n - k))
    return 2 * stats.t.sf(abs(statistic), 39)


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_anderson_rubin_ends_have_the_level_of_the_test(level, weights):
    frame = weak_panel(0.5).assign(weight=lambda f: f["z"].abs() + 0.1)
    found = fit_weak(frame, level=level, weights=weights).anderson_rubin
    for end in found.intervals[0]:
        assert p_value_of(frame, end, weights) == pytest.approx(1 - level, rel=1e-6)


def test_a_hypothesis_can_be_put_directly():
    """(5 - 2 b)^2 / (4 - 2 b + 3 b^2) at b = 2: 1 / 12, on F(1, 30)."""
    moments = one_instrument(5.0, 2.0, 4.0, 1.0, 3.0)
    statistic, p_value = anderson_rubin.evaluate_hypothesis(moments, 2.0)
    assert statistic == pytest.approx(1 / 12)
    assert p_value == pytest.approx(stats.f.sf(1 / 12, 1, 30))


def test_anderson_rubin_at_zero_is_the_reduced_form():
    result = fit_weak(weak_panel(0.3))
    reduced = first(result.reduced_form)
    assert result.anderson_rubin.statistic_at_zero == pytest.approx(reduced.statistic**2)
    assert result.anderson_rubin.p_value_at_zero == pytest.approx(reduced.p_value)


CRITICAL = stats.f.ppf(0.95, 1, 30)


@pytest.mark.parametrize(
    ("moments", "shape", "intervals"),
    [
        # No noise: the set is the point estimate.
        ((6.0, 3.0, 0.0, 0.0, 0.0), "bounded", ((2.0, 2.0),)),
        # a = 0, so that one end runs away: 2 h b + k <= 0 with h = -p q, k = p^2.
        ((2.0, np.sqrt(CRITICAL), 0.0, 0.0, 1.0), "ray", ((1 / np.sqrt(CRITICAL), np.inf),)),
        ((-2.0, np.sqrt(CRITICAL), 0.0, 0.0, 1.0), "ray", ((-np.inf, -1 / np.sqrt(CRITICAL)),)),
        # Instrument unrelated to anything: nothing is rejected.
        ((0.0, 0.0, 1.0, 0.0, 1.0), "unbounded", ((-np.inf, np.inf),)),
        # Instrument unrelated to the regressor and without noise there: everything is rejected.
        ((9.0, 0.0, 1.0, 0.0, 0.0), "empty", ()),
        ((0.1, 0.0, 1.0, 0.0, 0.0), "unbounded", ((-np.inf, np.inf),)),
        # (2 - b)^2 <= c b^2 with c > 1: all but the interval between 2/(1 +- sqrt c).
        (
            (2.0, 1.0, 0.0, 0.0, 1.0),
            "two_rays",
            ((-np.inf, 2 / (1 - np.sqrt(CRITICAL))), (2 / (1 + np.sqrt(CRITICAL)), np.inf)),
        ),
    ],
)
def test_every_shape_of_the_set_by_hand(moments, shape, intervals):
    found = anderson_rubin.invert(one_instrument(*moments))
    assert found.shape == shape
    assert np.array(found.intervals) == pytest.approx(np.array(intervals), rel=1e-9)


def members_instrument(with_zeros: bool) -> pd.DataFrame:
    """A log of (city constant x national series), as printed in the paper."""
    frame = make_panel()
    city = frame["city_code"].astype(int)
    members = (city % 6 - 2).clip(lower=0) * 40 if with_zeros else city % 6 + 1
    users = 10_000 * (frame["year"] - 2000) ** 1.5
    frame["instrument"] = np.log(1 + members * users) if with_zeros else np.log(members * users)
    return frame


def test_a_log_product_without_zeros_is_absorbed():
    result = fit_weak(members_instrument(with_zeros=False))
    assert result.status == "not_estimable"
    assert "absorbed by the effects of year and city_code together: instrument" in result.reason
    assert result.absorption.surviving_share < 1e-20
    assert result.absorption.r2_on_effects == pytest.approx(1, abs=1e-12)
    assert result.least_squares.status == "estimated"
    assert result.two_stage is None


def test_a_log_product_with_zeros_lives_on_its_zeros_alone():
    frame = members_instrument(with_zeros=True)
    absorption = fit_weak(frame).absorption
    assert absorption.n_zero == (frame["instrument"] == 0).sum() > 0
    assert 0 < absorption.surviving_share < 0.02
    assert absorption.surviving_share_given_controls <= absorption.surviving_share
    assert absorption.surviving_share_without_zeros < 1e-9
    dummies = pd.get_dummies(frame[["year", "city_code"]].astype(str)).to_numpy(dtype=float)
    value = frame["instrument"].to_numpy()
    left = value - dummies @ np.linalg.lstsq(dummies, value, rcond=None)[0]
    share = left @ left / ((value - value.mean()) @ (value - value.mean()))
    assert absorption.surviving_share == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"instruments": ["nothing"]}, "no column nothing"),
        ({"instruments": ["constant"]}, "does not vary in the sample: constant"),
        ({"endogenous": "constant"}, "does not vary in the sample: constant"),
        ({"instruments": ["x"]}, None),
        ({"controls": ["instrument"]}, "collinear with other regressors: instrument"),
    ],
)
def test_what_cannot_be_estimated_is_said(changes, reason):
    frame = weak_panel(0.5).assign(constant=1.0)
    result = fit_weak(frame, **changes)
    if reason is None:  # A regressor that instruments itself is least squares.
        assert first(result.two_stage).estimate == pytest.approx(
            first(result.least_squares).estimate
        )
    else:
        assert result.status == "not_estimable"
        assert reason in result.reason


def test_an_empty_frame_is_said():
    assert "0 usable rows" in fit_weak(weak_panel(0.5).head(0)).reason


def test_row_order_changes_no_digit():
    frame = weak_panel(0.5)
    assert fit_weak(frame) == fit_weak(frame.sample(frac=1, random_state=5))


@pytest.mark.thorough
def test_anderson_rubin_covers_whatever_the_strength():
    """60 draws with a weak instrument: binomial bounds around 95%, three standard errors wide."""
    n_draws, covered = 60, 0
    for seed in range(n_draws):
        result = fit_weak(weak_panel(0.05, n_cities=30, seed=1000 + seed), controls=[])
        covered += any(low <= 1 <= high for low, high in result.anderson_rubin.intervals)
    assert abs(covered / n_draws - 0.95) < 3 * np.sqrt(0.95 * 0.05 / n_draws)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (1e6, 1e6), (1e-6, 0.0), (1.0, 1e4)])
def test_an_orthogonal_instrument_has_no_estimate(scale, shift):
    """Algebra leaves a first stage of zero, arithmetic one of 1e-16: an estimate of 1e15."""
    sample = draw_sample(
        weak_panel(0.5), numeric=["y", "x", "w", "z"], fixed_effects=["year", "city_code"]
    )
    x, w = partial_out(sample, ["x", "w"], ["z"]).T
    frame = sample.frame.assign(instrument=sample.frame["w"] - (x @ w) / (x @ x) * x)
    frame["instrument"] = frame["instrument"] * scale + shift
    result = fit_weak(frame, controls=["z"])
    assert result.status == "not_estimable"
    assert result.reason == "instrument is unrelated to x: the first stage is zero"
    assert result.two_stage.coefficients == ()
    assert result.strength.effective_f == 0
    assert result.least_squares.status == "estimated"
    # No value of the coefficient explains less or more: nothing is rejected that the reduced
    # form does not reject for all.
    assert result.anderson_rubin.shape in ("unbounded", "empty", "two_rays")


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("x", "first stage: no residual left in x: the regression fits it perfectly"),
        ("y", "reduced form: no residual left in y: the regression fits it perfectly"),
    ],
)
def test_an_instrument_that_is_another_column_in_other_words_is_refused(column, said):
    frame = weak_panel(0.5)
    frame["twice"] = 2 * frame[column] + frame["city_code"].astype(float)
    spec = make_spec(design="iv", estimator="2sls", instrument="twice", controls=())
    found = fit_design(spec, frame, pd.DataFrame())
    assert found.status == "not_estimable"
    assert found.reason == said
    assert found.coefficients == ()
