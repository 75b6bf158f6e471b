"""What stands beside an estimate: effective clusters by hand, rows lost, pre-trends of a policy."""

import numpy as np
import pandas as pd
import pytest

from support.panels import make_panel, make_spec
from urban_resilience.estimation.designs import fit
from urban_resilience.estimation.estimators.event_study import fit_event_study
from urban_resilience.estimation.estimators.treatment_timing import PolicyDesign
from urban_resilience.estimation.least_squares.linear_model import fit_linear
from urban_resilience.estimation.least_squares.regression_sample import draw_sample

NO_DATES = pd.DataFrame()
PANEL = make_panel()


def sample_of(frame, effects=(), clusters=("city_code",), weights=None, numeric=("y", "x")):
    return draw_sample(
        frame, numeric=numeric, fixed_effects=effects, clusters=clusters, weights=weights
    )


def effective_clusters(sample, focal, others):
    model = fit_linear(sample, "y", [focal, *others])
    return model.fit.diagnostics.n_effective_clusters


def test_equal_clusters_all_count():
    """Every city has x at -1 and 1: all hold the same share of its variation."""
    frame = PANEL.assign(x=np.where(PANEL["year"] % 2, 1.0, -1.0))
    assert effective_clusters(sample_of(frame), "x", []) == pytest.approx(30)


def test_clusters_without_variation_do_not_count():
    """Three cities of thirty hold all of it, one of them twice as much as each of the others:
    (2 + 1 + 1)^2 / (4 + 1 + 1)."""
    size = PANEL["city_code"].map({"100": 2**0.5, "101": 1.0, "102": 1.0}).fillna(0.0)
    frame = PANEL.assign(x=size * np.where(PANEL["year"] % 2, 1.0, -1.0))
    assert effective_clusters(sample_of(frame), "x", []) == pytest.approx(16 / 6)


def test_it_is_the_residual_that_counts():
    """Net of effects and controls, by dummies; the formula of the docstring."""
    dummies = pd.get_dummies(PANEL[["city_code", "year"]].astype(str), drop_first=True)
    others = np.column_stack([PANEL["z"], np.ones(len(PANEL)), dummies.to_numpy(float)])
    x = PANEL["x"].to_numpy()
    residual = x - others @ np.linalg.lstsq(others, x, rcond=None)[0]
    held = pd.Series(residual**2).groupby(PANEL["city_code"].to_numpy()).sum()
    cv2 = (held / held.mean() - 1).pow(2).mean()
    sample = sample_of(PANEL, ("city_code", "year"), numeric=("y", "x", "z"))
    assert effective_clusters(sample, "x", ["z"]) == pytest.approx(30 / (1 + cv2), rel=1e-8)


def test_two_ways_take_the_smaller_figure_and_weights_count():
    both = sample_of(PANEL, ("city_code",), ("city_code", "year"))
    years = sample_of(PANEL, ("city_code",), ("year",))
    found = effective_clusters(both, "x", [])
    assert found == pytest.approx(effective_clusters(years, "x", []))
    assert found < effective_clusters(sample_of(PANEL, ("city_code",)), "x", [])
    repeated = pd.concat([PANEL, PANEL[PANEL["city_code"] < "110"]])
    weighted = PANEL.assign(w8=np.where(PANEL["city_code"] < "110", 2.0, 1.0))
    assert effective_clusters(sample_of(weighted, weights="w8"), "x", []) == pytest.approx(
        effective_clusters(sample_of(repeated), "x", [])
    )


def test_an_absorbed_regressor_has_none():
    frame = PANEL.assign(x=PANEL["year"] * 1.0)
    assert effective_clusters(sample_of(frame, ("year", "city_code")), "x", []) is None


def test_rows_that_are_lost_are_named():
    panel = PANEL.copy()
    panel.loc[panel.index[:5], "x"] = np.nan
    panel.loc[panel.index[3:7], "z"] = np.nan
    lone = panel.tail(1).assign(city_code="999")
    result = fit(make_spec(), pd.concat([panel, lone], ignore_index=True), NO_DATES)
    assert result.n_selected == len(panel) + 1
    assert result.rows_left_out == (
        # The new city, and the one year that is left of the first.
        "5 without x; 4 without z (7 rows together); 2 alone in a level of an effect"
    )
    assert result.n_obs == len(panel) - 8
    # A refused regression says where its rows are, too.
    alone = fit(make_spec(sample_filter="year = 2010"), PANEL, NO_DATES)
    assert alone.status == "not_estimable"
    assert alone.rows_left_out == "30 alone in a level of an effect"
    panel = PANEL.assign(
        province=PANEL["province"].where(PANEL["city_code"] > "104"),
        w=PANEL["w"].abs().where(PANEL["city_code"] != "110", 0.0),
    )
    spec = make_spec(cluster="province", weights="w")
    assert fit(spec, panel, NO_DATES).rows_left_out == (
        "40 without province; 8 without a positive w"
    )
    infinite = PANEL.assign(x=PANEL["x"].where(PANEL.index != 17, np.inf))
    assert fit(make_spec(), infinite, NO_DATES).rows_left_out is None
    whole = fit(make_spec(sample_filter="year >= 2010"), PANEL, NO_DATES)
    assert (whole.n_selected, whole.rows_left_out) == (whole.n_obs, None)


def test_a_trend_in_a_constant_is_named_as_changing_nothing():
    panel = PANEL.assign(always=1.0)
    flat = fit(make_spec(fixed_effects=("city_code[always]", "year")), panel, NO_DATES)
    assert flat.redundant_effects == "city_code[[always]]"
    plain = fit(make_spec(fixed_effects=("city_code", "year")), panel, NO_DATES)
    assert [item.estimate for item in flat.coefficients] == pytest.approx(
        [item.estimate for item in plain.coefficients], rel=1e-9
    )


def policy_panel(lead: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Half of the cities treated in 2012; with a lead they move before it."""
    panel = make_panel(n_cities=60).drop(columns="province")
    treated = panel["city_code"].astype(int) % 2 == 0
    since = panel["year"] - 2012
    rng = np.random.default_rng(5)
    panel["y"] = treated * (since >= 0) + lead * treated * since + 0.3 * rng.normal(size=len(panel))
    codes = sorted(panel.loc[treated, "city_code"].unique())
    names = ("first_full_year", "first_full_announced_year")
    dates = {"policy_id": "p", "city_code": codes, **dict.fromkeys(names, 2012)}
    partial = dict.fromkeys(("first_partial_year", "first_partial_announced_year"), np.nan)
    return panel, pd.DataFrame({**dates, **partial})


@pytest.mark.parametrize(("lead", "is_rejected"), [(0.0, False), (0.3, True)])
def test_a_pre_trend_stands_beside_the_estimate(lead, is_rejected):
    panel, dates = policy_panel(lead)
    spec = make_spec(
        design="did", treatment="treated", policy_id="p", timing="listed", partial_pilots="excluded"
    )
    found = fit(spec, panel, dates).diagnostics
    assert (found.pre_trend_p_value < 0.05) == is_rejected
    # One cohort: both estimators test the same leads.
    assert (found.pre_trend_p_value_cohorts < 0.05) == is_rejected
    first = panel["city_code"].map(dates.set_index("city_code")["first_full_year"])
    by_hand = fit_event_study(
        panel.assign(first=first), PolicyDesign(outcome="y", first_year="first", controls=("z",))
    )
    assert found.pre_trend_p_value == pytest.approx(by_hand.pre_trend.p_value, rel=1e-9)
    assert 30 < found.n_effective_clusters <= 60


@pytest.mark.parametrize(
    ("sample_filter", "said"),
    [
        ("year <> 2011", "no treated unit is seen in the base year, event time -1"),
        ("year >= 2011", "no year before treatment is seen but the base year"),
    ],
)
def test_why_there_is_no_pre_trend_is_said(sample_filter, said):
    panel, dates = policy_panel(0.0)
    spec = make_spec(
        **{"design": "did", "treatment": "treated", "policy_id": "p", "timing": "listed"},
        **{"partial_pilots": "excluded", "sample_filter": sample_filter},
    )
    found = fit(spec, panel, dates).diagnostics
    assert found.pre_trend_p_value is None
    assert found.no_pre_trend == said
