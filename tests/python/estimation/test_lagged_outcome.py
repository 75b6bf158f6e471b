"""An outcome of an earlier year among the regressors is named beside effects of units."""

import numpy as np
import pandas as pd
import pytest

from support.panels import make_panel, make_spec
from urban_resilience.estimation.designs import fit

NO_TIMING = pd.DataFrame()


def lagged(name, years, panel):
    return panel.groupby("city_code")[name].shift(years)


PANEL = make_panel().pipe(
    lambda panel: panel.assign(
        y_before=lagged("y", 1, panel),
        # Cut at bounds of its own, as each variable of the panel is.
        y_cut=lagged("y", 2, panel).clip(*np.quantile(panel["y"], [0.02, 0.98])),
        x_before=lagged("x", 1, panel),
        y_near=lagged("y", 1, panel) + 0.01 * panel["w"],
        up=(panel["y"] > 0).astype(float),
        up_before=lagged("y", 1, panel).gt(0).astype(float),
    )
)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"controls": ("z", "y_before")}, "y_before"),
        ({"controls": ("y_cut",)}, "y_cut"),
        ({"treatment": "y_before"}, "y_before"),
        ({"controls": ("y_before",), "fixed_effects": ("city_code[year]", "year")}, "y_before"),
        ({"controls": ("x_before",)}, None),
        ({"controls": ("y_near",)}, None),
        ({"controls": ("y_before",), "fixed_effects": ("year",)}, None),
        ({"outcome": "up", "controls": ("up_before",)}, None),
    ],
)
def test_an_earlier_outcome_is_named(changes, named):
    found = fit(make_spec(**changes), PANEL, NO_TIMING)
    assert found.status == "estimated"
    said = found.diagnostics.incidental_parameters
    assert said is None if named is None else said.startswith(f"{named} is the outcome of an ear")


def test_the_bias_is_there():
    """Of independent errors the coefficient is -1 / years and no more: Nickell's bias alone."""
    panel = make_panel(n_cities=2000, seed=2)
    noise = np.random.default_rng(8).normal(size=len(panel))
    panel = panel.assign(y=noise + panel["city_code"].astype(int) % 7)
    panel["y_before"] = lagged("y", 1, panel)
    found = fit(make_spec(treatment="y_before", controls=()), panel, NO_TIMING).coefficients[0]
    assert found.estimate == pytest.approx(-1 / 7, abs=0.03)
    assert found.p_value < 0.001
