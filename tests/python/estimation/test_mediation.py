"""Two-step evidence: each step against feols, products and intervals against a loop."""

import math

import numpy as np
import pytest
from scipy import stats

from support.city_panels import CONTROLS, feols, feols_coefficients, repeated_panel
from support.drawn_cities import drawn_cities
from urban_resilience.estimation.estimators.mediation import mediated_effect
from urban_resilience.estimation.resampling import NotEstimableError, bootstrap_cities

DATA = repeated_panel()
RESULT = mediated_effect(DATA, "y", "x", "m", CONTROLS, draws=400, seed=3)


@pytest.mark.parametrize(
    ("path", "outcome", "regressors", "term"),
    [
        ("treatment_on_mediator", "m", ("x", *CONTROLS), "x"),
        ("mediator_on_outcome", "y", ("m", *CONTROLS), "m"),
        ("mediator_beside_treatment", "y", ("x", "m", *CONTROLS), "m"),
        ("treatment_beside_mediator", "y", ("x", "m", *CONTROLS), "x"),
        ("total", "y", ("x", *CONTROLS), "x"),
    ],
)
def test_each_step_equals_feols(path, outcome, regressors, term):
    model = feols(DATA, outcome=outcome, regressors=regressors, cluster="city_code")
    step = getattr(RESULT, path)
    assert step.estimate == pytest.approx(model.coef()[term], rel=1e-8)
    assert step.std_error == pytest.approx(model.se()[term], rel=1e-8)
    assert step.p_value == pytest.approx(model.pvalue()[term], rel=1e-6)
    assert (RESULT.n_obs, RESULT.n_clusters) == (model._N, model._G[0])


def test_products_and_sobel_by_hand():
    a = RESULT.treatment_on_mediator
    steps = {
        "indirect": RESULT.mediator_on_outcome,
        "indirect_beside_treatment": RESULT.mediator_beside_treatment,
    }
    for name, b in steps.items():
        product = getattr(RESULT, name)
        assert product.estimate == pytest.approx(a.estimate * b.estimate)
        spread = math.sqrt(a.estimate**2 * b.std_error**2 + b.estimate**2 * a.std_error**2)
        assert product.sobel_std_error == pytest.approx(spread)
        assert product.sobel_z == pytest.approx(product.estimate / spread)
        assert product.sobel_p_value == pytest.approx(2 * stats.norm.sf(abs(product.sobel_z)))
        assert product.share_of_total == pytest.approx(product.estimate / RESULT.total.estimate)


def test_direct_and_indirect_effect_add_up_to_the_total():
    """Exact for least squares on the same rows, with the b beside the treatment only."""
    parts = RESULT.treatment_beside_mediator.estimate + RESULT.indirect_beside_treatment.estimate
    assert parts == pytest.approx(RESULT.total.estimate, rel=1e-9)
    paper = RESULT.treatment_beside_mediator.estimate + RESULT.indirect.estimate
    assert paper != pytest.approx(RESULT.total.estimate, rel=1e-3)


@pytest.mark.thorough
def test_interval_equals_a_loop_on_the_same_cities():
    few = mediated_effect(DATA, "y", "x", "m", CONTROLS, draws=8, seed=3)
    cities = np.sort(DATA["city_code"].unique())
    products = {"indirect": [], "indirect_beside_treatment": []}
    for weights in bootstrap_cities(len(cities), 8, np.random.default_rng(3)):
        sample = drawn_cities(DATA, cities, weights)
        a = feols_coefficients(sample, ("x", *CONTROLS), outcome="m", city="copy")[0]
        b = feols_coefficients(sample, ("m", *CONTROLS), city="copy")[0]
        b_beside = feols_coefficients(sample, ("m", "x", *CONTROLS), city="copy")[0]
        products["indirect"].append(a * b)
        products["indirect_beside_treatment"].append(a * b_beside)
    for name, values in products.items():
        expected = np.quantile(values, [0.025, 0.975])
        got = getattr(few, name)
        np.testing.assert_allclose([got.conf_low, got.conf_high], expected, rtol=1e-7)


def test_rows_without_the_mediator_enter_no_step():
    holes = DATA.assign(m=DATA["m"].where(DATA.index % 5 != 0))
    with_holes = mediated_effect(holes, "y", "x", "m", CONTROLS, draws=20)
    without = mediated_effect(holes.dropna(), "y", "x", "m", CONTROLS, draws=20)
    full = mediated_effect(DATA, "y", "x", "m", CONTROLS, draws=20)
    assert with_holes.n_obs < full.n_obs
    both = holes["m"].notna()
    assert with_holes == mediated_effect(DATA[both], "y", "x", "m", CONTROLS, draws=20)
    assert without.n_obs <= with_holes.n_obs


def test_failed_draws_are_counted():
    """The mediator moves in two cities only: samples without them identify no second step."""
    cities = np.sort(DATA["city_code"].unique())
    moves = DATA["city_code"].isin(cities[[1, 2]])
    data = DATA.assign(m=np.where(moves, DATA["m"], 1.0))
    result = mediated_effect(data, "y", "x", "m", draws=300, seed=1)
    weights = bootstrap_cities(len(cities), 300, np.random.default_rng(1))
    assert result.failed_draws == (weights[:, [1, 2]].sum(axis=1) == 0).sum() > 10


@pytest.mark.parametrize(
    ("mediator", "said"),
    [
        (lambda data: 1.0, "does not vary in the sample: m"),
        (lambda data: data["year"] * 2.0, "absorbed by the effects of year: m"),
    ],
)
def test_a_mediator_without_variation(mediator, said):
    with pytest.raises(NotEstimableError, match=f"^{said}$"):
        mediated_effect(DATA.assign(m=mediator), "y", "x", "m", draws=10)


def test_a_mediator_that_is_the_treatment():
    with pytest.raises(ValueError, match="more than once"):
        mediated_effect(DATA, "y", "x", "x", draws=10)
