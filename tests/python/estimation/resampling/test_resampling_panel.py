"""Sorted arrays of a panel, and the panel and the loop of feols that the other tests share."""

import numpy as np
import pandas as pd
import pytest

from support.city_panels import REGRESSORS, city_panel, feols
from support.least_squares import drop_singletons
from urban_resilience.estimation.least_squares.absorption import keep_repeated_levels
from urban_resilience.estimation.resampling import NotEstimableError, PanelArrays, complete_panel


def test_the_shared_panel_is_awkward():
    data = city_panel()
    sizes = data.groupby("city_code").size()
    assert sizes.min() == 1 and sizes.nunique() > 3
    assert data["city_code"].is_monotonic_increasing is False
    assert data.groupby("city_code")["high"].nunique().max() == 2


def test_rows_are_sorted_whatever_their_order():
    data = city_panel()
    first = PanelArrays.from_frame(data, ("x", "y"))
    second = PanelArrays.from_frame(data.sample(frac=1, random_state=9), ("x", "y"))
    np.testing.assert_array_equal(first.values, second.values)
    np.testing.assert_array_equal(first.unit_codes, second.unit_codes)
    assert list(first.units) == sorted(data["city_code"].unique())


def test_repeated_city_years_are_sorted_by_value():
    data = pd.concat([city_panel(), city_panel(seed=1)])
    first = PanelArrays.from_frame(data, ("x", "y"))
    second = PanelArrays.from_frame(data[::-1], ("x", "y"))
    np.testing.assert_array_equal(first.values, second.values)


def test_incomplete_rows_are_left_out():
    data = city_panel()
    data.loc[:4, "x"] = np.nan
    data["flag"] = data["group"].astype("boolean").where(data.index != 7)
    assert len(complete_panel(data, ("x", "flag"))) == len(data) - 6


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda data: data.drop(columns="x"), "no column x"),
        (lambda data: data.assign(x="high"), "x is not numeric"),
        (lambda data: data.assign(x=np.inf), "infinite values in the sample: x"),
    ],
)
def test_wrong_columns_are_named(change, fault):
    with pytest.raises(ValueError, match=fault):
        complete_panel(change(city_panel()), ("x", "y"))


def test_a_column_without_values_is_named():
    with pytest.raises(NotEstimableError, match=r"no value in the sample: x$"):
        complete_panel(city_panel().assign(x=np.nan), ("x", "y"))


def test_no_complete_row():
    data = city_panel()
    early = data["year"] < data["year"].median()
    holed = data.assign(x=data["x"].where(early), y=data["y"].mask(early))
    with pytest.raises(NotEstimableError, match="no row has all of"):
        complete_panel(holed, ("x", "y"))


def test_a_constant_leaves_exact_zeros():
    data = city_panel().assign(constant=0.1)
    data["trait"] = data["city_code"].astype(float) / 7
    within = PanelArrays.from_frame(data, ("constant", "trait", "x")).within()
    assert (within[:, :2] == 0).all() and np.abs(within[:, 2]).max() > 0


def test_singletons_are_found_in_rounds():
    # The last row of city 2 is alone only once year 9, which it shares with no one else, is gone.
    units = np.array([0, 0, 1, 1, 2, 2])
    years = np.array([[0, 1, 0, 1, 9, 1]])
    assert keep_repeated_levels([units, *years]).tolist() == [True] * 4 + [False, False]


def test_units_and_levels_without_another_row_go_with_their_singletons():
    data = city_panel(n_years=4)
    data = pd.concat([data, data.tail(1).assign(year=2030)])
    arrays = PanelArrays.from_frame(data, REGRESSORS)
    kept = arrays.without_singletons()
    expected = drop_singletons(data, ["city_code", "year"])
    assert kept.n_singletons == len(data) - len(expected) > 1
    assert list(kept.units) == sorted(expected["city_code"].unique())
    assert list(kept.effect_labels[0]) == [2008, 2009, 2010, 2011]
    again = PanelArrays.from_frame(expected, REGRESSORS)
    np.testing.assert_array_equal(kept.unit_codes, again.unit_codes)
    np.testing.assert_array_equal(kept.effect_codes, again.effect_codes)
    np.testing.assert_array_equal(kept.values, again.values)
    with pytest.raises(NotEstimableError, match="is alone in one of its effects"):
        PanelArrays.from_frame(data.drop_duplicates("city_code"), ("x",)).without_singletons()


def test_singletons_equal_those_of_pyfixest():
    data = city_panel(n_years=4)
    data = pd.concat([data, data.tail(1).assign(year=2030)])
    arrays = PanelArrays.from_frame(data, REGRESSORS)
    kept = keep_repeated_levels([arrays.unit_codes, *arrays.effect_codes])
    assert kept.sum() == feols(data)._N < len(data)
