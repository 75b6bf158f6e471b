"""Properties that the formulas keep on any data."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from urban_resilience.formulas.entropy_index import entropy_index
from urban_resilience.formulas.interpolation import interpolate_interior_gaps
from urban_resilience.formulas.location_quotients import location_quotients
from urban_resilience.formulas.winsorizing import type_two_percentile, winsorize

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
CELLS = st.one_of(NUMBERS, st.just(float("nan")))
GRIDS = arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 12)), elements=CELLS)
# Whole numbers: differences between them survive rounding whatever the scale.
TABLES = arrays(
    float,
    st.tuples(st.integers(3, 12), st.integers(2, 5)),
    elements=st.integers(0, 1000).map(float),
)


@given(arrays(float, st.integers(1, 400), elements=NUMBERS), st.integers(1, 99))
def test_percentile_is_numpys_averaged_inverted_cdf(values, percent):
    expected = np.percentile(values, percent, method="averaged_inverted_cdf")
    assert np.isclose(type_two_percentile(values, percent), expected, rtol=1e-12, atol=1e-9)


@given(arrays(float, st.integers(1, 300), elements=CELLS))
def test_winsorizing_keeps_order_and_missing_cells(values):
    found = winsorize(values)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    known = np.isfinite(values)
    order = np.argsort(values[known], kind="stable")
    assert (np.diff(found[known][order]) >= 0).all()


@given(GRIDS, st.integers(0, 5))
def test_interpolation_keeps_observed_cells_and_stays_between_neighbours(grid, max_gap_years):
    filled = interpolate_interior_gaps(grid, max_gap_years)
    seen = np.isfinite(grid)
    np.testing.assert_array_equal(filled[seen], grid[seen])
    for row, column in zip(*np.nonzero(np.isfinite(filled) & ~seen), strict=True):
        known = np.flatnonzero(seen[row])
        left, right = known[known < column].max(), known[known > column].min()
        assert right - left - 1 <= max_gap_years
        low, high = sorted((grid[row, left], grid[row, right]))
        slack = 1e-9 * max(1, abs(low), abs(high))
        assert low - slack <= filled[row, column] <= high + slack


@given(GRIDS)
def test_interpolating_twice_changes_nothing(grid):
    once = interpolate_interior_gaps(grid, 3)
    np.testing.assert_array_equal(interpolate_interior_gaps(once, 3), once)


def weigh(table, directions=None):
    n = table.shape[1]
    names = tuple(str(j) for j in range(n))
    dimensions = tuple("even" if j % 2 == 0 else "odd" for j in range(n))
    return entropy_index(table, names, directions or (1,) * n, dimensions)


def varies(table):
    return (table.max(axis=0) > table.min(axis=0)).any()


@given(TABLES.filter(varies))
def test_weights_sum_to_one_and_scores_lie_in_the_unit_interval(table):
    found = weigh(table)
    assert np.isclose(found.weight.sum(), 1)
    assert np.isclose(found.dimension_weight.sum(), 1)
    for score in (found.index, found.dimension_score):
        assert score.min() >= -1e-12
        assert score.max() <= 1 + 1e-12
    weighted = (found.dimension_score * found.dimension_weight).sum(axis=1)
    np.testing.assert_allclose(found.index, weighted, atol=1e-12)


@given(TABLES.filter(varies), st.sampled_from([2.0**-10, 0.5, 8.0, 2.0**20]), st.data())
def test_units_and_row_order_do_not_matter(table, unit, data):
    rows = data.draw(st.permutations(range(len(table))))
    plain, changed = weigh(table), weigh(table[rows] * unit + unit)
    np.testing.assert_allclose(changed.weight, plain.weight, atol=1e-9)
    np.testing.assert_allclose(changed.index, plain.index[rows], atol=1e-9)


@given(TABLES.filter(varies))
def test_turning_an_indicator_round_turns_its_direction(table):
    n = table.shape[1]
    plain, turned = weigh(table), weigh(1000 - table, (-1,) * n)
    np.testing.assert_allclose(turned.index, plain.index, atol=1e-9)


@given(
    arrays(
        float,
        st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3)),
        elements=st.integers(0, 50).map(float),
    )
)
def test_location_quotients_average_to_one(stocks):
    quotients = location_quotients(stocks)
    sector, city = stocks.sum(axis=0), stocks.sum(axis=1)
    total = sector.sum(axis=0)
    for year in np.flatnonzero(total):
        average = (quotients[:, :, year] * sector[:, year] / total[year]).sum(axis=1)
        np.testing.assert_allclose(average, (city[:, year] > 0).astype(float), atol=1e-12)
