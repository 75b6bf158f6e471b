"""Rounding is no number: perfect fits, constants and cancelling terms in every table."""

import numpy as np
import pandas as pd
import pytest

from support.panels import make_panel, make_spec
from urban_resilience.estimation.designs import fit
from urban_resilience.estimation.estimators.matching.covariate_balance import measure_balance
from urban_resilience.estimation.estimators.mediation import mediated_effect
from urban_resilience.estimation.estimators.omitted_variables import delta_for_linear
from urban_resilience.estimation.tables.event_study import tabulate_event_study
from urban_resilience.estimation.tables.group_differences import tabulate_group_differences
from urban_resilience.estimation.tables.indirect_effects import tabulate_indirect_effects
from urban_resilience.estimation.tables.marginal_effects import tabulate_marginal_effects
from urban_resilience.estimation.tables.resampled_inference import tabulate_resampled_inference
from urban_resilience.estimation.tolerance import is_zero, is_zero_square, length

PANEL = make_panel()
CITY = PANEL["city_code"].astype(float)
NO_TIMING = pd.DataFrame({"policy_id": [], "city_code": []})
DRAWN = {"n_draws": 19, "seed": 3}
PERFECT = PANEL.assign(
    y=2 * PANEL["x"] - 3 * PANEL["z"] + 7 * CITY + PANEL["year"] ** 2 / 1000,
    high=(PANEL["w"] > 0).astype(float),
)
REASON = "no residual left in y: the regression"


def test_ten_digits_decide_and_units_do_not():
    for unit in (1e-200, 1.0, 1e150):
        assert is_zero(0.9e-10 * unit, unit) and not is_zero(1.1e-10 * unit, unit)
        # A mean ten thousand times the variation costs four digits of what can be told apart.
        assert is_zero(0.9e-9 * unit, unit, 1e4 * unit)
        assert not is_zero(1.1e-9 * unit, unit, 1e4 * unit)
    assert is_zero(0.0, 0.0) and not is_zero(np.nan, 1.0) and not is_zero(np.inf, np.inf * 0)
    assert is_zero_square(-1.0, 1.0) and not is_zero_square(1e-12, 1.0)
    assert length([[3.0], [4.0]]) == [5.0]
    assert length(np.array([1.0, 1.0]), np.array([9.0, 16.0])) == 5.0


@pytest.mark.parametrize("noise", [0.0, 1e-14])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"fixed_effects": ("city_code", "year", "province")},
        {"cluster": "city_code year"},
        {"design": "interaction", "moderator": "w"},
    ],
    ids=["twfe", "three effects", "two clusters", "interaction"],
)
def test_a_perfect_fit_is_not_estimable(changes, noise):
    panel = PERFECT.assign(y=PERFECT["y"] + noise * PANEL["w"])
    found = fit(make_spec(**changes), panel, NO_TIMING)
    assert found.status == "not_estimable"
    assert REASON in found.reason
    assert found.coefficients == ()


def test_an_outcome_that_moderates_itself_is_not_estimable():
    """Not the same column, but the same numbers in another unit: R2 of one."""
    panel = PANEL.assign(copy=1000 * PANEL["y"] + 5)
    found = fit(make_spec(design="interaction", moderator="copy"), panel, NO_TIMING)
    assert found.status == "not_estimable"
    assert REASON in found.reason


@pytest.mark.parametrize("unit", [1e-8, 1.0, 1e8])
def test_without_effects_too(unit):
    panel = PANEL.assign(y=unit * (1 + 2 * PANEL["x"] - 3 * PANEL["z"]))
    found = fit(make_spec(fixed_effects=()), panel, NO_TIMING)
    assert found.status == "not_estimable"
    assert REASON in found.reason


def policy_world(noise):
    """Pilots of 2011 whose outcome rises by three, and nothing else."""
    first = np.where(CITY % 3 == 0, 2011.0, np.nan)
    treated = (PANEL["year"] >= first).astype(float)
    panel = PANEL.assign(y=3 * treated + CITY + PANEL["year"] + noise * PANEL["w"])
    timing = pd.DataFrame({"city_code": panel["city_code"], "first_full_year": first})
    timing = timing.drop_duplicates().assign(policy_id="p")
    dates = ["first_full_announced_year", "first_partial_year", "first_partial_announced_year"]
    return panel, timing.assign(**dict.fromkeys(dates, np.nan))


POLICY = {"policy_id": "p", "timing": "listed", "partial_pilots": "excluded", "controls": ()}


@pytest.mark.thorough
def test_a_policy_that_explains_everything_is_not_estimable():
    panel, timing = policy_world(0.0)
    found = fit(make_spec(design="did", treatment="treated", **POLICY), panel, timing)
    assert REASON in found.reason
    spec = make_spec(design="event_study", treatment="treated", **POLICY)
    rows = tabulate_event_study([spec], panel, timing).to_pylist()
    assert [row["status"] for row in rows] == ["not_estimable"] * 2
    assert all(REASON in row["reason"] and row["std_error"] is None for row in rows)
    assert all(row["mean_effect"] is None for row in rows)
    noisy = fit(make_spec(design="did", treatment="treated", **POLICY), *policy_world(1e-3))
    assert noisy.coefficients[0].estimate == pytest.approx(3, abs=1e-3)


@pytest.mark.parametrize("design", ["bootstrap", "wild_bootstrap", "jackknife", "placebo"])
def test_nothing_is_resampled_from_rounding(design):
    spec = make_spec(design=design, **({} if design == "jackknife" else DRAWN))
    (row,) = tabulate_resampled_inference([spec], PERFECT, NO_TIMING).to_pylist()
    assert row["status"] == "not_estimable"
    assert REASON in row["reason"]


def test_groups_margins_and_mechanisms_say_so_too():
    group = make_spec(design="group_difference", moderator="high", **DRAWN)
    rows = tabulate_group_differences([group], PERFECT, NO_TIMING).to_pylist()
    rows += tabulate_marginal_effects(
        [make_spec(design="interaction", moderator="w")], PERFECT, NO_TIMING
    ).to_pylist()
    path = make_spec(design="mediation", moderator="w", **DRAWN)
    rows += tabulate_indirect_effects([path], PERFECT, NO_TIMING).to_pylist()
    assert {row["status"] for row in rows} == {"not_estimable"}
    assert all(REASON in row["reason"] for row in rows)


def test_groups_of_years_are_shuffled_over_rows_alone():
    """All cities change sides together: shuffled over them, each draw is the estimate again."""
    panel = PANEL.assign(late=PANEL["year"] >= 2012)
    spec = make_spec(design="group_difference", moderator="late", **DRAWN)
    rows = tabulate_group_differences([spec], panel, NO_TIMING).to_pylist()
    refused = [row for row in rows if row["status"] == "not_estimable"]
    assert [row["method"] for row in refused] == ["city_permutation"]
    assert "shuffling whole cities changes nothing" in refused[0]["reason"]
    assert all(0 < row["p_two_sided"] < 1 for row in rows if row not in refused)


def test_one_perfect_group_beside_a_noisy_one_is_a_difference():
    panel = PERFECT.assign(y=PERFECT["y"] + PERFECT["high"] * PANEL["w"] * PANEL["x"])
    spec = make_spec(design="group_difference", moderator="high", **DRAWN)
    table = tabulate_group_differences([spec], panel, NO_TIMING).to_pandas().set_index("method")
    assert (table["status"] == "estimated").all()
    assert table.loc["interacted", "std_error"] > 1e-3


def test_a_constant_covariate_has_no_bias():
    """0.1 averaged over groups of 3 and 7 differs in the last digit: a bias of 1e17 percent."""
    units = pd.DataFrame({"x": np.full(10, 0.1), "z": np.arange(10.0)})
    treated = np.arange(10) < 3
    balance = measure_balance(units, ["x", "z"], treated, np.ones(10))
    for row in balance.covariates:
        if row.variable == "x":
            assert (row.standardized_bias, row.variance_ratio) == (None, None)
        else:
            assert row.standardized_bias is not None


def test_no_share_of_a_total_that_cancels():
    """The direct effect is built to undo the indirect one: a total of 1e-17."""
    rng = np.random.default_rng(2)
    frame = PANEL.assign(m=PANEL["x"] + PANEL["w"], y=0.0)
    frame["y"] = frame["m"] + rng.normal(size=len(frame))
    total = mediated_effect(frame, "y", "x", "m", draws=9).total.estimate
    frame["y"] -= total * frame["x"]
    found = mediated_effect(frame, "y", "x", "m", draws=9)
    assert abs(found.total.estimate) < 1e-12
    assert np.isnan(found.indirect.share_of_total)
    spec = make_spec(design="mediation", moderator="m", controls=(), **DRAWN)
    rows = tabulate_indirect_effects([spec], frame, NO_TIMING).to_pylist()
    assert [row["share_of_total"] for row in rows] == [None, None]


def test_selection_that_moves_nothing_needs_no_finite_delta():
    """Controls that move the coefficient by rounding: delta is infinite, not 1e16."""
    moved = 0.3 + 1e-16
    assert delta_for_linear(moved, 0.2, 0.3, 0.4, 0.6) == float("inf")
    assert delta_for_linear(0.31, 0.2, 0.3, 0.4, 0.6) == pytest.approx(30)
