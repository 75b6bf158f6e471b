"""Interpolation: every cell of every yearbook series, its value and its imputation code."""

import numpy as np

from support.warehouse import assert_close

MAX_GAP_YEARS = 3


def code_of(supplied: np.ndarray, observed: np.ndarray, position: int, is_area: bool) -> str:
    """Imputation code of one year of one city's series, by looking left and right."""
    if np.isnan(observed[position]) and np.isfinite(supplied[position]):
        return "blanked"
    if observed[position] != supplied[position] and np.isfinite(observed[position]):
        return "replaced"
    known = np.flatnonzero(np.isfinite(observed))
    if known.size == 0:
        return "missing_series"
    if position in known:
        return "observed"
    left, right = known[known < position], known[known > position]
    if left.size and right.size and right[0] - left[-1] - 1 <= MAX_GAP_YEARS:
        return "interpolated"
    if is_area:
        return "carried_forward" if left.size else "carried_backward"
    return "missing_long_gap" if left.size and right.size else "missing_edge"


def test_filled_values(study, warehouse):
    for name in study.series:
        actual = warehouse.grid("intermediate.int_yearbook_cleaned", name, study.axes)
        assert_close(actual, study.filled[name], name)


def test_observed_cells_are_untouched(study, warehouse):
    for name in study.series:
        filled = warehouse.grid("intermediate.int_yearbook_cleaned", name, study.axes)
        seen = np.isfinite(study.observed[name])
        np.testing.assert_array_equal(filled[seen], study.observed[name][seen], err_msg=name)


def test_imputation_codes(study, warehouse):
    columns = ", ".join(f"{name}_imputation" for name in study.series)
    rows = warehouse.frame(f"select city_code, year, {columns} from panel.fct_city_years")
    rows = rows.set_index(["city_code", "year"]).sort_index()
    assert len(rows) == study.axes.shape[0] * study.axes.shape[1]
    for name in study.series:
        actual = rows[f"{name}_imputation"].to_numpy().reshape(study.axes.shape)
        is_area = name == "land_area_km2"
        expected = [
            [code_of(given, row, position, is_area) for position in range(row.size)]
            for given, row in zip(study.supplied[name], study.observed[name], strict=True)
        ]
        np.testing.assert_array_equal(actual, np.array(expected, dtype=object), err_msg=name)


def test_list_of_imputations_is_the_filled_and_decided_cells(study, warehouse):
    filled = {
        (study.axes.city_codes[row], study.axes.years[column], name)
        for name in study.series
        for row, column in zip(*np.nonzero(differs(study, name)), strict=True)
    }
    rows = warehouse.frame("select city_code, year, series from panel.fct_imputations")
    listed = set(rows.itertuples(index=False, name=None))
    assert len(rows) == len(listed)
    assert listed == filled


def differs(study, name) -> np.ndarray:
    """Cells whose value is not the supplied one."""
    supplied, filled = study.supplied[name], study.filled[name]
    return ~((supplied == filled) | (np.isnan(supplied) & np.isnan(filled)))


def test_only_decisions_change_a_supplied_cell(study, data_set):
    decided = {
        (study.axes.city_codes[row], study.axes.years[column], name)
        for name in study.series
        for row, column in zip(
            *np.nonzero(differs(study, name) & np.isfinite(study.supplied[name])), strict=True
        )
    }
    unemployed = "registered_unemployed_persons"
    real = {("350400", 2019, unemployed), ("320700", 2013, unemployed)}
    assert decided == (real if data_set == "real" else set())


def test_data_have_cells_to_impute(study):
    """Without an imputed cell the comparisons above would prove little."""
    filled = sum(
        int((np.isfinite(study.filled[name]) & np.isnan(study.observed[name])).sum())
        for name in study.series
    )
    assert filled > 100
