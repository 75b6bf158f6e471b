"""Batches of a policy that count, and cities that other batches treat."""

import numpy as np
import pandas as pd
import pytest

from support.panels import make_spec
from urban_resilience.estimation.designs import fit
from urban_resilience.estimation.estimators.pilot_dates import left_out_pilots, pilot_dates
from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.specs import faults_of
from urban_resilience.estimation.tables.event_study import tabulate_event_study

# City, batch, scope, year. E is named by the second list in part and by the third as a whole.
ROWS = [
    ("A", "1", "full", 2012),
    ("B", "2", "full", 2013),
    ("B", "3", "full", 2014),
    ("C", "3", "full", 2014),
    ("D", "3", "partial", 2014),
    ("E", "2", "partial", 2013),
    ("E", "3", "full", 2014),
    ("F", "1", "full", 2012),
    ("F", "3", "partial", 2014),
]
PILOTS = pd.DataFrame(
    [
        {
            "policy_id": "p",
            "city_code": city,
            "batch": batch,
            "first_full_year": year if scope == "full" else None,
            "first_full_announced_year": year + 1 if scope == "full" else None,
            "first_partial_year": year if scope == "partial" else None,
            "first_partial_announced_year": year + 1 if scope == "partial" else None,
        }
        for city, batch, scope, year in ROWS
    ]
)
POLICY = {"policy_id": "p", "timing": "listed", "partial_pilots": "excluded"}


def test_the_first_list_that_counts_dates_a_city():
    every = pilot_dates(PILOTS, "p").set_index("city_code")
    full = every["first_full_year"]
    assert full.dropna().to_dict() == {"A": 2012, "B": 2013, "C": 2014, "E": 2014, "F": 2012}
    assert full.isna().sum() == 1
    assert every.loc["D", "first_partial_year"] == 2014
    later = pilot_dates(PILOTS, "p", ["3"]).set_index("city_code")
    assert later.loc["B", "first_full_year"] == 2014
    assert later.loc["B", "first_full_announced_year"] == 2015
    assert "A" not in later.index


@pytest.mark.parametrize(
    ("batches", "partial_rule", "expected"),
    [
        ((), "excluded", ""),
        (("1", "2", "3"), "excluded", ""),
        # C is treated by batch 3 alone; D would be excluded and E is full there: none is a control.
        (("1", "2"), "excluded", "CDE"),
        # As a control, a part of a city is a control whatever list names it: D stays.
        (("1", "2"), "control", "CE"),
        # As treated, E starts in 2013 by batch 2 either way; D by batch 3 alone.
        (("1", "2"), "treated", "CD"),
        # B's own date by batch 3 is 2014, in truth it is treated from 2013.
        (("3",), "excluded", "ABF"),
        (("3",), "treated", "ABEF"),
    ],
)
def test_a_city_that_another_list_treats_is_left_out(batches, partial_rule, expected):
    found = left_out_pilots(PILOTS, "p", batches, "listed", partial_rule)
    assert "".join(found) == expected
    assert found == left_out_pilots(PILOTS, "p", batches, "announced", partial_rule)


def test_a_batch_that_no_list_has_leaves_a_reason():
    with pytest.raises(NotEstimableError, match=r"has a batch 4 \(its batches: 1, 2, 3\)"):
        pilot_dates(PILOTS, "p", ["4"])
    unnamed = PILOTS.assign(batch="")
    with pytest.raises(NotEstimableError, match="it names no batches"):
        pilot_dates(unnamed, "p", ["1"])


@pytest.fixture
def panel():
    """Twelve cities over ten years; batch 3 moves the outcome by 5 from 2014, batch 1 by 1."""
    rng = np.random.default_rng(4)
    rows = []
    effects = {"A": (2012, 1), "F": (2012, 1), "B": (2013, 1), "C": (2014, 5), "E": (2014, 5)}
    for city in "ABCDEFGHIJKL":
        base = rng.normal()
        for year in range(2008, 2018):
            first, size = effects.get(city, (9999, 0))
            noise = 0.01 * rng.normal()
            rows.append((city, year, base + 0.1 * year + size * (year >= first) + noise))
    return pd.DataFrame(rows, columns=["city_code", "year", "resi"])


def test_left_out_cities_are_neither_treated_nor_controls_and_are_named(panel):
    spec = make_spec(
        design="did", treatment="treated", outcome="resi", controls=(), sample_filter="",
        fixed_effects=("year", "city_code"), cluster="city_code", batches=("1", "2"), **POLICY,
    )  # fmt: skip
    found = fit(spec, panel, PILOTS)
    assert found.coefficients[0].estimate == pytest.approx(1.0, abs=0.02)
    said = found.diagnostics
    # A, B and F are treated; G to L are controls; C, D and E are neither.
    assert (said.n_treated_units, said.n_control_units) == (3, 6)
    assert (said.n_left_out_pilots, said.left_out_pilots) == (3, "C, D, E")
    every = make_spec(**{**vars(spec), "batches": ()})
    assert fit(every, panel, PILOTS).diagnostics.left_out_pilots is None
    none = make_spec(**{**vars(spec), "batches": ("7",)})
    assert "has a batch 7" in fit(none, panel, PILOTS).reason


def test_an_event_study_names_the_cities_too(panel):
    spec = make_spec(
        design="event_study", treatment="treated", outcome="resi", controls=(), sample_filter="",
        fixed_effects=("year", "city_code"), cluster="city_code", batches=("1", "2"), **POLICY,
    )  # fmt: skip
    rows = tabulate_event_study([spec], panel, PILOTS).to_pandas()
    assert rows["left_out"].str.contains("3 cities that other batches treat: C, D, E").all()


@pytest.mark.parametrize(
    ("batches", "expected"),
    [(("1", "2"), None), (("1", "4"), "batches names '4'"), (("1", "1"), "'1' twice")],
)
def test_a_specification_names_batches_that_exist(panel, batches, expected):
    spec = make_spec(
        design="did", treatment="treated", outcome="resi", controls=(), sample_filter="",
        fixed_effects=("year", "city_code"), cluster="city_code", batches=batches, **POLICY,
    )  # fmt: skip
    faults = faults_of(spec, panel, {"p": {"1", "2", "3"}})
    assert faults == [] if expected is None else any(expected in fault for fault in faults)
    assert not any("names '4'" in fault for fault in faults_of(spec, panel, ["p"]))
