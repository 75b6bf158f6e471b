"""Stocks, location quotients, digital coefficients, agglomeration and exposure by hand."""

import numpy as np
import pandas as pd
import pytest

from urban_resilience.formulas.digital_coefficients import digital_coefficients
from urban_resilience.formulas.location_quotients import active_member_stocks, location_quotients
from urban_resilience.formulas.shift_share import digital_service_penetration, employment_shares
from urban_resilience.formulas.virtual_agglomeration import virtual_agglomeration

YEARS = (2005, 2006, 2007, 2008)


def records(*rows):
    return pd.DataFrame(rows, columns=["city_code", "sector", "joined_year", "expired_year"])


@pytest.mark.parametrize(
    ("joined", "expired", "active"),
    [
        (2006, 2007, [0, 1, 1, 0]),
        (2006, None, [0, 1, 1, 1]),
        # The last paid year still counts; one year is joined and expired at once.
        (2007, 2007, [0, 0, 1, 0]),
        # Joined before the window, expired after it.
        (2002, 2015, [1, 1, 1, 1]),
        (2002, 2004, [0, 0, 0, 0]),
        (2010, None, [0, 0, 0, 0]),
        # A record that ends before it begins was never active.
        (2008, 2006, [0, 0, 0, 0]),
    ],
)
def test_active_years_of_one_record(joined, expired, active):
    found = active_member_stocks(records(("A", "x", joined, expired)), ("A",), ("x",), YEARS)
    np.testing.assert_array_equal(found[0, 0], active)


def test_records_add_up_by_city_and_sector():
    rows = records(
        ("A", "x", 2005, None),
        ("A", "x", 2006, 2006),
        ("B", "y", 2007, None),
        ("C", "x", 2005, None),
    )
    found = active_member_stocks(rows, ("A", "B"), ("x", "y"), YEARS)
    np.testing.assert_array_equal(found[0, 0], [1, 2, 1, 1])
    np.testing.assert_array_equal(found[1, 1], [0, 0, 1, 1])
    assert found.sum() == 5 + 2  # city C is not asked for


def test_location_quotients():
    # A has 3 and 1 members, B 1 and 3: each sector is half of the nation.
    # LQ(A, x) = (3 / 4) / (1 / 2) = 1.5, LQ(A, y) = (1 / 4) / (1 / 2) = 0.5. C has nobody.
    # Sector z has no member anywhere.
    stocks = np.array([[3, 1, 0], [1, 3, 0], [0, 0, 0]])[:, :, None]
    expected = [[1.5, 0.5, 0], [0.5, 1.5, 0], [0, 0, 0]]
    np.testing.assert_allclose(location_quotients(stocks)[:, :, 0], expected)


def test_virtual_agglomeration():
    # 1.5 x .10 + .5 x .02 = .16 and .5 x .10 + 1.5 x .02 = .08.
    stocks = np.array([[3, 1], [1, 3], [0, 0]])[:, :, None]
    found = virtual_agglomeration(stocks, np.array([[0.10], [0.02]]))
    np.testing.assert_allclose(found[:, 0], [0.16, 0.08, 0])


FLOWS = pd.DataFrame(
    [
        (2017, "D61", "C", 6.0),
        (2017, "D62T63", "C", 4.0),
        (2017, "A", "C", 50.0),
        (2018, "D61", "C", 9.0),
        (2018, "D61", "Z", 1.0),
    ],
    columns=["year", "supplying_sector", "using_sector", "value_million_usd"],
)
OUTPUT = pd.DataFrame(
    [(2017, "C", 100.0), (2018, "C", 90.0), (2018, "Z", 0.0)],
    columns=["year", "sector", "gross_output_million_usd"],
)


def test_digital_coefficients():
    # C: (6 + 4) / 100, then 9 / 90, then the last table again. Z: no output, so zero.
    found = digital_coefficients(FLOWS, OUTPUT, ("C", "Z"), (2017, 2018, 2019))
    np.testing.assert_allclose(found, [[0.1, 0.1, 0.1], [0, 0, 0]])
    # Counting agriculture as digital as well: (6 + 4 + 50) / 100.
    found = digital_coefficients(FLOWS, OUTPUT, ("C",), (2017,), ("A", "D61", "D62T63"))
    np.testing.assert_allclose(found, [[0.6]])


def test_a_year_before_the_first_table_is_refused():
    with pytest.raises(ValueError, match="precedes"):
        digital_coefficients(FLOWS, OUTPUT, ("C",), (2016,))


def test_digital_service_penetration():
    # Shares 30/40 and 10/40: .75 x .2 + .25 x .4 = .25. The second city reports nothing.
    shares = employment_shares(np.array([[30.0, 10.0], [np.nan, np.nan]]))
    found = digital_service_penetration(shares, np.array([[0.2], [0.4]]))
    np.testing.assert_allclose(found, [[0.25], [np.nan]])
