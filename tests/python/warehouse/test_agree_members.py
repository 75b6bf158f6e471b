"""Member stocks and location quotients with their variants, on the full city-sector-year cube."""

import numpy as np
import pytest

from support.expected_quotients import expected_quotients
from support.warehouse import assert_close


@pytest.fixture(scope="module")
def rows(study, warehouse):
    """Rows of the mart with their position in the cube."""
    rows = warehouse.frame("select * from indices.fct_location_quotients")
    positions = (
        np.searchsorted(study.kept_axes.city_codes, rows["city_code"]),
        np.searchsorted(study.members.sectors, rows["sector"]),
        rows["year"].to_numpy() - study.kept_axes.years[0],
    )
    labels = (study.kept_axes.city_codes, study.members.sectors, study.kept_axes.years)
    for axis, position, column in zip(labels, positions, ("city_code", "sector", "year"), strict=1):
        assert (np.asarray(axis)[position] == rows[column]).all(), column
    return rows, positions


def test_every_counted_cell_stands_once(study, rows):
    _, positions = rows
    shape = (len(study.kept_axes.city_codes), len(study.members.sectors), 12)
    copies = np.zeros(shape, dtype=int)
    np.add.at(copies, positions, 1)
    counted = study.of_kept(study.members.is_counted)[:, None, :]
    stocks = study.of_kept(study.members.stocks)
    has_row = counted & (stocks.sum(axis=(0, 2), keepdims=True) > 0)
    np.testing.assert_array_equal(copies, np.broadcast_to(has_row, shape).astype(int))


def test_stocks_and_quotients(study, rows):
    frame, positions = rows
    for column, expected in expected_quotients(study).items():
        actual = frame[column].to_numpy(dtype=float, na_value=np.nan)
        assert_close(actual, expected[positions], column)


def test_city_members_of_all_cities_and_years(study, warehouse):
    actual = warehouse.grid("intermediate.int_city_members", "members", study.axes)
    expected = np.where(study.members.is_counted, study.members.stocks.sum(axis=1), np.nan)
    assert_close(actual, expected)


def test_quotients_average_to_one(rows):
    """The identity sum_j (m_jt / m_t) LQ_cjt = 1 for every city-year with members."""
    frame, _ = rows
    frame = frame[frame["city_members"] > 0]
    weighted = (frame["national_share"] * frame["lq"]).groupby([frame["city_code"], frame["year"]])
    assert_close(weighted.sum().to_numpy(), np.ones(weighted.ngroups))
