"""Known truth: the estimators of the build find it, and their 95% intervals hold it.

Fewer and smaller panels than ``python -m benchmarks coverage``; simulation errors are allowed for.
The pre-trend tests beside an estimate on a policy are left out: they take four fifths of the time
of its fit, and no coefficient depends on them, which a test here shows.
"""

from functools import partial

import numpy as np
import pytest
from benchmarks.coverage import NOMINAL, Summary, simulate_design
from benchmarks.coverage_designs import Design
from benchmarks.coverage_panels import (
    draw_instrument_panel,
    draw_policy_panel,
    draw_selected_panel,
    draw_slope_panel,
    growing_effect,
)
from benchmarks.coverage_readings import (
    make_policy_spec,
    make_spec,
    read_fit,
    read_instrument,
    read_mean_effect,
)

from urban_resilience.estimation import designs
from urban_resilience.estimation.estimators.sun_abraham import fit_sun_abraham
from urban_resilience.estimation.least_squares import inference

pytestmark = pytest.mark.slow

PANELS, FEWER, CITIES = 150, 90, 60
ERRORS = 4  # Simulation errors allowed: one in 16,000 by chance, and seeds are fixed.
TRAITS = ("trait_1", "trait_2")
WITH_DIAGNOSTICS = designs.with_policy_diagnostics


@pytest.fixture(autouse=True)
def coefficients_alone(monkeypatch):
    monkeypatch.setattr(designs, "with_policy_diagnostics", lambda fit, frame, design: fit)


def only(spec):
    return lambda panel: {"estimate": read_fit(spec, panel)}


SLOPE = Design(
    "slope",
    partial(draw_slope_panel, n_cities=CITIES),
    only(make_spec("twfe", controls=("z1", "z2"))),
)
POLICY = Design(
    "policy, one effect",
    partial(draw_policy_panel, n_cities=CITIES),
    only(make_policy_spec("did")),
)
GROWING = Design(
    "policy, effects grow and differ",
    partial(draw_policy_panel, effect=growing_effect, n_cities=CITIES),
    lambda panel: {
        "did": read_fit(make_policy_spec("did"), panel),
        "sun-abraham": read_mean_effect(fit_sun_abraham, panel),
    },
)


def instrument(title, first_stage):
    draw = partial(draw_instrument_panel, first_stage=first_stage, n_cities=CITIES)
    return Design(title, draw, read_instrument, has_mean=False)


def simulation_errors(share: float, panels: int) -> float:
    return abs(share - NOMINAL) / np.sqrt(NOMINAL * (1 - NOMINAL) / panels)


def assert_sound(found: Summary) -> None:
    """Right on average, and as far from the truth as its standard error says."""
    assert found.failed == 0
    assert abs(found.bias_in_errors) <= ERRORS
    assert simulation_errors(found.coverage, found.panels) <= ERRORS
    # Sharper than coverage: (estimate - truth)^2 / variance is about chi-squared, mean 1. Three
    # errors, so that a standard error a fifth too small (mean 1.56) is seen.
    assert abs(found.squared_t - 1) <= 3 * np.sqrt(2 / found.panels)


@pytest.mark.parametrize(
    ("design", "panels"), [(SLOPE, FEWER), (POLICY, PANELS)], ids=["twfe", "did"]
)
def test_estimate_and_interval_hold_the_truth(design, panels):
    assert_sound(simulate_design(design, panels)["estimate"])


@pytest.mark.parametrize(
    ("spec", "draw"),
    [
        (make_policy_spec("did"), POLICY.draw),
        (make_policy_spec("did"), GROWING.draw),
        (make_policy_spec("psm_did", controls=TRAITS, matching="nearest"), draw_selected_panel),
        (make_policy_spec("psm_did", controls=TRAITS, matching="kernel"), draw_selected_panel),
    ],
    ids=["did", "growing", "nearest", "kernel"],
)
def test_no_coefficient_depends_on_the_pre_trend_tests_beside_it(spec, draw, monkeypatch):
    panels = [draw(np.random.default_rng(number)) for number in range(2)]

    def fits():
        return [designs.FITTERS[spec.design](spec, panel.frame, panel.timing) for panel in panels]

    alone = fits()
    monkeypatch.setattr(designs, "with_policy_diagnostics", WITH_DIAGNOSTICS)
    for without, whole in zip(alone, fits(), strict=True):
        assert without.diagnostics.pre_trend_p_value is None
        assert whole.diagnostics.pre_trend_p_value is not None
        assert without.status == whole.status == "estimated"
        assert without.coefficients == whole.coefficients


def test_sun_abraham_finds_effects_that_grow_and_two_way_effects_miss_them():
    found = simulate_design(GROWING, FEWER)
    assert_sound(found["sun-abraham"])
    assert found["did"].bias_in_errors < -ERRORS


def test_strong_instrument():
    found = simulate_design(instrument("instrument, strong", 1.5), PANELS)
    assert found["2sls"].first_stage_f > 50
    assert_sound(found["2sls"])
    assert simulation_errors(found["anderson-rubin set"].coverage, PANELS) <= ERRORS


def test_useless_instrument_biases_two_stages_but_not_the_anderson_rubin_set():
    found = simulate_design(instrument("instrument, useless", 0.0), FEWER)
    assert found["2sls"].first_stage_f < 5
    assert found["2sls"].bias_in_errors > ERRORS
    assert simulation_errors(found["anderson-rubin set"].coverage, FEWER) <= ERRORS


def test_matching_removes_most_of_the_bias_of_selection():
    """The matches are near, not exact: some bias stays, within what the interval allows for."""
    specs = {
        "did": make_policy_spec("did"),
        "nearest": make_policy_spec("psm_did", controls=TRAITS, matching="nearest"),
        "kernel": make_policy_spec("psm_did", controls=TRAITS, matching="kernel"),
    }
    panels = 40
    design = Design(
        "policy, selected on traits",
        draw_selected_panel,
        lambda panel: {name: read_fit(spec, panel) for name, spec in specs.items()},
    )
    found = simulate_design(design, panels)
    assert found["did"].bias_in_errors > ERRORS
    for matched in (found["nearest"], found["kernel"]):
        assert matched.failed == 0
        assert abs(matched.bias) < 0.4 * found["did"].bias
        assert simulation_errors(matched.coverage, panels) <= ERRORS


def test_a_standard_error_a_fifth_too_small_is_found(monkeypatch):
    """The check above can fail."""
    right = inference.make_coefficient

    def too_small(term, estimate, variance, degrees_of_freedom):
        return right(term, estimate, 0.8**2 * variance, degrees_of_freedom)

    monkeypatch.setattr(inference, "make_coefficient", too_small)
    with pytest.raises(AssertionError):
        assert_sound(simulate_design(POLICY, PANELS)["estimate"])
