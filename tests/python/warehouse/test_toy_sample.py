"""The sample rule, screening, winsorizing, controls, instruments and the split, by hand."""

import numpy as np
import pytest

from urban_resilience.formulas.controls import control_variables
from urban_resilience.formulas.digital_infrastructure import (
    digital_infrastructure,
    is_above_year_median,
)
from urban_resilience.formulas.geographic_agglomeration import geographic_agglomeration
from urban_resilience.formulas.instrument import identified_instrument, instrument_as_printed
from urban_resilience.formulas.resilience_indicators import screen_indicators
from urban_resilience.formulas.sample_rule import apply_sample_rule
from urban_resilience.formulas.winsorizing import type_two_percentile, winsorize


def missing_in(n_missing, n_years=12):
    return np.arange(n_years) >= n_missing


def test_four_missing_years_of_twelve_are_kept_and_five_are_not():
    available = {"resi": np.array([missing_in(4), missing_in(5), missing_in(0)])}
    found = apply_sample_rule(available)
    assert found.kept.tolist() == [True, False, True]
    assert found.missing_years["resi"].tolist() == [4, 5, 0]
    assert found.in_sample.sum() == 8 + 0 + 12


def test_a_year_nobody_has_is_not_held_against_a_city():
    # The variable exists in 6 years only, so more than 2 missing of them drop a city.
    exists = np.arange(12) < 6
    available = {
        "edu": np.array([exists, exists & (np.arange(12) >= 2), exists & (np.arange(12) >= 3)])
    }
    found = apply_sample_rule(available)
    assert found.kept.tolist() == [True, True, False]
    assert found.missing_years["edu"].tolist() == [0, 2, 3]


def test_every_variable_has_a_veto():
    full = np.ones((2, 12), dtype=bool)
    available = {"resi": full, "wage": np.array([missing_in(5), missing_in(1)])}
    found = apply_sample_rule(available)
    assert found.kept.tolist() == [False, True]
    assert found.in_sample.sum() == 11


def test_a_variable_nobody_has_does_not_empty_the_sample():
    available = {"resi": np.array([missing_in(2), missing_in(0)]), "edu": np.zeros((2, 12), bool)}
    found = apply_sample_rule(available)
    assert found.kept.tolist() == [True, True]
    assert found.missing_years["edu"].tolist() == [0, 0]
    assert found.in_sample.sum(axis=1).tolist() == [10, 12]


def test_screening():
    grid = np.ones((2, 7))
    grid[0, 2] = np.nan  # one of ten study cells: 90%
    sparse = grid.copy()
    sparse[1, 4:] = np.nan  # four of ten: 60%
    found = screen_indicators({"most": grid, "sparse": sparse}, slice(2, 7))
    assert found == {"most": pytest.approx(0.9)}


@pytest.mark.parametrize(
    ("n", "percent", "expected"),
    [
        # n p / 100 whole: the mean of that order statistic and the next.
        (100, 1, 1.5),
        (200, 99, 198.5),
        (4, 50, 2.5),
        # Not whole: the order statistic above.
        (150, 1, 2),
        (99, 99, 99),
        (5, 50, 3),
        # Fewer than a hundred values: the smallest and the largest, nothing is cut.
        (50, 1, 1),
        (50, 99, 50),
    ],
)
def test_type_two_percentile_of_one_to_n(n, percent, expected):
    values = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))
    assert type_two_percentile(values, percent) == expected


def test_winsorizing_keeps_missing_values_missing():
    values = np.append(np.arange(1.0, 201), np.nan)
    found = winsorize(values)
    # 1% of 200 is 2: bounds 2.5 and 198.5.
    assert found[:3].tolist() == [2.5, 2.5, 3.0]
    assert found[197:200].tolist() == [198.0, 198.5, 198.5]
    assert np.isnan(found[200])


def test_controls():
    raw = {
        "registered_population_10k": np.array([[50.0, 50.0]]),
        "land_area_km2": np.array([[1000.0, 0.0]]),
        "fdi_used_million_usd": np.array([[1.0, 0.0]]),
        "road_freight_10k_tonnes": np.array([[np.e, 0.0]]),
        "road_area_per_capita_m2": np.array([[np.e**2, 1.0]]),
        "average_wage_yuan": np.array([[np.e**3, np.nan]]),
        "college_students_persons": np.array([[5000.0, 0.0]]),
    }
    found = control_variables(raw)
    # 500,000 persons on 1,000 km2; 2 dollars a head; 100 students per 10,000.
    expected = {
        "pop": [np.log(500), np.nan],
        "open": [np.log(3), 0.0],
        "fre": [1, np.nan],
        "road": [2, 0],
        "wage": [3, np.nan],
        "edu": [np.log(100), np.nan],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], [values], err_msg=name)


def test_geographic_agglomeration():
    found = geographic_agglomeration(np.array([[30.0, 30.0]]), np.array([[120.0, 0.0]]))
    np.testing.assert_allclose(found, [[0.25, np.nan]])


def test_instruments():
    # A city without members in 2005 has zero throughout.
    found = instrument_as_printed(np.array([0, 3]), np.array([10.0, 20.0]))
    np.testing.assert_allclose(found, [[0, 0], [np.log(31), np.log(61)]])
    found = identified_instrument(np.array([0, 3]), np.array([np.e, np.e**2]))
    np.testing.assert_allclose(found, [[0, 0], [np.log(4), 2 * np.log(4)]])


def test_digital_infrastructure_and_its_split():
    # Broadband per 100: 10, 20, 30; mobile and telecom do not vary, so they weigh nothing.
    raw = {
        "broadband_subscribers_10k": np.array([[1.0], [2.0], [3.0]]),
        "mobile_subscribers_10k": np.full((3, 1), 5.0),
        "telecom_volume_100m_yuan": np.full((3, 1), 7.0),
        "registered_population_10k": np.full((3, 1), 10.0),
    }
    score = digital_infrastructure(raw)
    np.testing.assert_allclose(score[:, 0], [0, 0.5, 1])
    # The median city itself counts as low.
    assert is_above_year_median(score)[:, 0].tolist() == [False, False, True]
