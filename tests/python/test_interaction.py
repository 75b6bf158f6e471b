"""Centred interactions, marginal effects by the delta method."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from support.least_squares import dummy_regression
from support.panels import make_panel, make_unbalanced_panel

from urban_resilience.estimation.interaction import fit_interaction


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


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda frame: frame.head(0), "0 usable rows"),
        (lambda frame: frame.assign(m=np.nan), "no value in the sample: m"),
        (lambda frame: frame.assign(m=2.0), "does not vary in the sample: m"),
        (lambda frame: frame.assign(m=frame["city_code"].astype(float)), "absorbed"),
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
