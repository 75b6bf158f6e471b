"""Centred interactions, marginal effects by the delta method."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from support.least_squares import dummy_regression
from support.panels import make_panel, make_spec, make_unbalanced_panel
from urban_resilience.estimation.estimators.interaction import fit_interaction
from urban_resilience.estimation.least_squares.linear_model import combine_terms, fit_linear
from urban_resilience.estimation.least_squares.regression_sample import draw_sample
from urban_resilience.estimation.tables.marginal_effects import tabulate_marginal_effects


def with_moderator(frame: pd.DataFrame) -> pd.DataFrame:
    moderator = np.exp(frame["w"] / 2) + frame["city_code"].astype(int) % 5
    y = frame["y"] + 0.4 * frame["x"] * moderator - frame["x"]
    return frame.assign(m=moderator, y=y)


def fit(frame, **changes):
    plain = {"outcome": "y", "treatment": "x", "moderator": "m", "controls": ["z"]}
    return fit_interaction(frame, **{**plain, **changes})


@pytest.mark.parametrize("make", [make_panel, make_unbalanced_panel])
def test_agrees_with_dummies_on_the_centred_columns(make):
    frame = with_moderator(make())
    result = fit(frame)
    kept = frame[frame.groupby("city_code")["year"].transform("size") > 1]
    x, m = kept["x"] - kept["x"].mean(), kept["m"] - kept["m"].mean()
    peer = dummy_regression(
        kept.assign(x=x, m=m, product=x * m), "y", ["x", "m", "product", "z"], ("year", "city_code")
    )
    coefficients = result.fit.coefficients
    assert [c.term for c in coefficients] == ["x", "m", "x:m", "z"]
    assert [c.estimate for c in coefficients] == pytest.approx(peer.estimate, rel=1e-9)
    assert [c.std_error for c in coefficients] == pytest.approx(peer.std_error, rel=1e-9)
    assert result.treatment_mean == pytest.approx(kept["x"].mean())
    assert result.moderator_mean == pytest.approx(kept["m"].mean())


def test_marginal_effects_agree_with_statsmodels():
    """Not centred there: the effect at m is b_x + b_xm m, its error from t_test."""
    frame = with_moderator(make_panel())
    peer = smf.ols("y ~ x + m + x:m + z + C(year) + C(city_code)", frame).fit(
        cov_type="cluster",
        cov_kwds={"groups": pd.factorize(frame["city_code"])[0], "use_correction": False},
        use_t=True,
    )
    n, k = len(frame), 4 + 1 + 7
    factor = np.sqrt(30 / 29 * (n - 1) / (n - k))
    effects = fit(frame, at=[0.0, 2.5]).marginal_effects
    assert [e.percentile for e in effects] == [5, 10, 25, 50, 75, 90, 95, None, None]
    for effect in effects:
        line = peer.t_test(f"x + {effect.moderator_value!r} * x:m = 0")
        assert effect.effect.estimate == pytest.approx(line.effect[0], rel=1e-8)
        assert effect.effect.std_error == pytest.approx(line.sd[0, 0] * factor, rel=1e-8)
    values = np.sort(frame["m"])
    # 240 rows: 5% of them is a whole number, so type 2 takes the mean of the 12th and the 13th.
    assert effects[0].moderator_value == pytest.approx((values[11] + values[12]) / 2)
    assert [e.moderator_value for e in effects[-2:]] == [0.0, 2.5]


def test_the_effect_at_the_mean_is_the_first_coefficient():
    frame = with_moderator(make_panel())
    result = fit(frame, percentiles=[], at=[frame["m"].mean()])
    first, at_mean = result.fit.coefficients[0], result.marginal_effects[0].effect
    assert at_mean.estimate == pytest.approx(first.estimate, rel=1e-12)
    assert at_mean.std_error == pytest.approx(first.std_error, rel=1e-12)


def test_sign_change_is_where_the_effect_is_zero():
    frame = with_moderator(make_panel())
    result = fit(frame)
    zero = fit(frame, percentiles=[], at=[result.sign_change]).marginal_effects[0].effect
    assert zero.estimate == pytest.approx(0, abs=1e-12)
    assert frame["m"].min() < result.sign_change < frame["m"].max()
    assert fit(frame.assign(y=frame["y"] + 50 * frame["x"])).sign_change is None


def test_weights_move_the_grand_means():
    frame = with_moderator(make_panel()).assign(weight=lambda f: f["z"].abs() + 0.1)
    result = fit(frame, weights="weight")
    assert result.moderator_mean == pytest.approx(np.average(frame["m"], weights=frame["weight"]))


def trait(frame):
    """Constant within cities."""
    return frame["city_code"].astype(float) % 3


def shock(frame):
    """Constant within years."""
    return np.sqrt(frame["year"] - 2000.0)


ABSORBED_MODERATORS = {
    "city": trait,
    "year": shock,
    "both": lambda frame: trait(frame) + shock(frame),
}


@pytest.mark.parametrize("moderator", ABSORBED_MODERATORS.values(), ids=ABSORBED_MODERATORS)
@pytest.mark.parametrize("make", [make_panel, make_unbalanced_panel])
def test_a_moderator_that_the_effects_absorb_leaves_its_product(make, moderator):
    """As dummies have it: the treatment and the product, and no main effect of the moderator."""
    frame = make().assign(m=moderator)
    frame["y"] += 0.7 * frame["x"] * frame["m"]
    result = fit(frame, percentiles=[], at=[0.0, 1.0])
    assert result.fit.absorbed_terms == "m"
    coefficients = result.fit.coefficients
    assert [c.term for c in coefficients] == ["x", "x:m", "z"]
    kept = frame[frame.groupby("city_code")["year"].transform("size") > 1]
    plain = kept.assign(product=kept["x"] * kept["m"])
    peer = dummy_regression(plain, "y", ["x", "product", "z"], ("year", "city_code"))
    assert coefficients[1].estimate == pytest.approx(peer.estimate[1], rel=1e-8)
    assert coefficients[1].std_error == pytest.approx(peer.std_error[1], rel=1e-8)
    # At m = 0 the effect is the uncentred coefficient; a unit further the product is added.
    at_zero, at_one = (point.effect for point in result.marginal_effects)
    assert at_zero.estimate == pytest.approx(peer.estimate[0], rel=1e-8)
    assert at_zero.std_error == pytest.approx(peer.std_error[0], rel=1e-8)
    assert at_one.estimate == pytest.approx(peer.estimate[0] + peer.estimate[1], rel=1e-8)


def test_a_treatment_that_the_effects_absorb_has_no_effect_at_any_value():
    """An exposure of the city times something that moves: only differences are identified."""
    frame = make_panel().assign(x=trait, m=lambda f: f["w"])
    frame["y"] += 0.7 * frame["x"] * frame["m"]
    result = fit(frame)
    assert result.status == "estimated"
    assert result.fit.absorbed_terms == "x"
    assert [c.term for c in result.fit.coefficients] == ["m", "x:m", "z"]
    plain = frame.assign(product=frame["x"] * frame["m"])
    peer = dummy_regression(plain, "y", ["m", "product", "z"], ("year", "city_code"))
    assert result.fit.coefficients[1].estimate == pytest.approx(peer.estimate[1], rel=1e-8)
    assert result.marginal_effects == ()
    spec = make_spec(design="interaction", moderator="m")
    (row,) = tabulate_marginal_effects([spec], frame, pd.DataFrame()).to_pylist()
    assert row["status"] == "not_estimable"
    assert "only how its effect differs along m is identified" in row["reason"]


def test_an_exposure_times_a_shock_is_the_product_alone():
    frame = make_panel().assign(x=trait, m=shock)
    result = fit(frame)
    assert result.fit.absorbed_terms == "x m"
    assert [c.term for c in result.fit.coefficients] == ["x:m", "z"]


def test_a_combination_of_a_term_that_is_not_there_is_refused():
    sample = draw_sample(make_panel(), numeric=["y", "x"], fixed_effects=["city_code"])
    with pytest.raises(KeyError, match="no term z"):
        combine_terms(fit_linear(sample, "y", ["x"]), {"x": 1.0, "z": 1.0}, "sum")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda frame: frame.head(0), "0 usable rows"),
        (lambda frame: frame.assign(m=np.nan), "no value in the sample: m"),
        (lambda frame: frame.assign(m=2.0), "does not vary in the sample: m"),
        # Both constant within cities: no product is left either.
        (lambda f: f.assign(m=f["city_code"].astype(float), x=trait(f)), "absorbed"),
        (lambda frame: frame.assign(m=3 * frame["x"]), "collinear"),
        (lambda frame: frame.drop(columns="m"), "no column m"),
    ],
)
def test_what_cannot_be_estimated_is_said(damage, reason):
    result = fit(damage(with_moderator(make_panel())))
    assert result.status == "not_estimable"
    assert reason in result.reason


def test_row_order_changes_no_digit():
    frame = with_moderator(make_unbalanced_panel())
    shuffled = frame.sample(frac=1, random_state=9)
    assert fit(frame) == fit(shuffled)
