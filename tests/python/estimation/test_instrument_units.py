"""Several instruments: what is said of them hangs neither on units nor on too few clusters."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from urban_resilience.estimation.estimators.instrumental_variables import (
    InstrumentalVariablesResult,
    fit_instrumental_variables,
)

INSTRUMENTS = ["first", "second", "third"]


def panel(n_cities: int = 50, n_years: int = 8) -> pd.DataFrame:
    """Three instruments of a treatment that shares its noise with the outcome."""
    rng = np.random.default_rng(11)
    n = n_cities * n_years
    city, year = np.divmod(np.arange(n), n_years)
    frame = pd.DataFrame(rng.normal(size=(n, 5)), columns=[*INSTRUMENTS, "z", "noise"])
    frame["city_code"], frame["year"] = [f"c{number:02}" for number in city], 2008 + year
    frame["side"] = [f"s{number}" for number in (city + year) % 7]
    frame["weight"] = rng.uniform(0.5, 2, size=n)
    frame["first"] += 0.4 * frame["z"]
    moved = frame[INSTRUMENTS] @ [0.4, 0.3, 0.1]
    frame["x"] = moved + 0.5 * frame["noise"] + rng.normal(size=n_cities)[city]
    frame["y"] = 0.7 * frame["x"] + frame["z"] + frame["noise"] + rng.normal(size=n)
    return frame


def fitted(frame: pd.DataFrame, **changes) -> InstrumentalVariablesResult:
    """Fit y on x by all three, z held constant."""
    plain = {"instruments": INSTRUMENTS, "controls": ["z"], "clusters": ["city_code"]}
    return fit_instrumental_variables(frame, outcome="y", endogenous="x", **{**plain, **changes})


def without_units(result: InstrumentalVariablesResult) -> dict[str, float]:
    """All statistics and p-values of a result, and the ends of the set in units of the estimate."""
    (estimate,) = (c for c in result.two_stage.coefficients if c.term == "x")
    found = {f"strength {name}": value for name, value in asdict(result.strength).items()}
    found |= {f"agree {name}": value for name, value in asdict(result.overidentification).items()}
    of_set = result.anderson_rubin
    ends = np.ravel(of_set.intervals) / estimate.estimate
    found |= {f"end {number}": end for number, end in enumerate(ends)}
    return found | {
        "t": estimate.statistic,
        "at zero": of_set.statistic_at_zero,
        "p at zero": of_set.p_value_at_zero,
    }


@pytest.mark.parametrize("changes", [{}, {"clusters": ["city_code", "side"]}, {"weights": "weight"},
                                     {"fixed_effects": []}, {"vcov": "iid", "clusters": []}],
                         ids=str)  # fmt: skip
@pytest.mark.parametrize("column", ["first", "third", "z", "x", "y"])
@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_units_change_no_statistic(column, unit, changes):
    """Postal offices in millions beside a share: telling one instrument from rounding by its unit
    once left it out of the Anderson-Rubin test."""
    frame = panel()
    plain = without_units(fitted(frame, **changes))
    scaled = without_units(fitted(frame.assign(**{column: unit * frame[column]}), **changes))
    assert scaled == pytest.approx(plain, rel=1e-6)


def test_a_control_in_tiny_units_is_held_constant_too():
    frame = panel().assign(large=lambda rows: 1e9 * rows["noise"] ** 2)
    plain = without_units(fitted(frame, controls=["z", "large"]))
    scaled = frame.assign(z=1e-9 * frame["z"])
    assert without_units(fitted(scaled, controls=["z", "large"])) == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize(("n_clusters", "is_tested"), [(3, False), (4, True)])
def test_more_instruments_than_clusters_tell_apart_are_not_tested(n_clusters, is_tested):
    """Scores of G clusters sum to zero: their variance has rank G - 1."""
    frame = panel()
    few = frame.assign(cluster=[f"g{int(code[1:]) % n_clusters}" for code in frame["city_code"]])
    result = fitted(few, fixed_effects=["year"], clusters=["cluster"])
    assert result.status == "estimated"
    assert (result.anderson_rubin is not None) is is_tested
    assert np.isfinite(result.strength.kleibergen_paap_f) == is_tested
    # The LM statistic of three instruments and three clusters is three, whatever the data.
    assert np.isfinite(result.strength.kleibergen_paap_lm) == is_tested
    assert np.isfinite(result.strength.lm_p_value) == is_tested
