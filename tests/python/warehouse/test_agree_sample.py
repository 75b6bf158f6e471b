"""Which cities are kept, why the others are not, and which city-years are estimated on."""

import numpy as np

from support.warehouse import assert_close


def decisions(warehouse):
    rows = warehouse.frame("select * from panel.fct_sample_decisions").set_index("city_code")
    return rows.sort_index()


def test_kept_cities(study, warehouse):
    rows = decisions(warehouse)
    assert rows.index.tolist() == list(study.axes.city_codes)
    np.testing.assert_array_equal(rows["is_kept"].to_numpy(dtype=bool), study.kept)


def test_missing_years_of_each_variable(study, warehouse):
    rows = decisions(warehouse)
    for name, expected in study.decision.missing_years.items():
        np.testing.assert_array_equal(rows[f"{name}_missing_years"], expected, err_msg=name)


def test_reason_names_each_failing_variable(study, warehouse):
    rows = decisions(warehouse)
    assert (rows.loc[rows["is_kept"], "reason"] == "kept").all()
    for position in np.flatnonzero(~study.decision.kept):
        reason = rows["reason"].iloc[position]
        for name, missing in study.decision.missing_years.items():
            if missing[position] > 4:
                assert f"{name} missing in {missing[position]} of " in reason


def test_estimation_sample(study, warehouse):
    actual = warehouse.grid(
        "panel.fct_estimation_panel", "is_estimation_sample", study.kept_axes
    ).astype(bool)
    np.testing.assert_array_equal(actual, study.decision.in_sample[study.kept])


def test_complete_years(study, warehouse):
    rows = decisions(warehouse)[["is_kept", "complete_years"]]
    expected = study.decision.in_sample.sum(axis=1)[study.kept]
    assert_close(rows.loc[rows["is_kept"], "complete_years"].to_numpy(dtype=float), expected)


def test_some_city_is_dropped_and_some_city_year_is_lost(study):
    """Without either, the two rules above would not have been tried."""
    assert 0 < (~study.kept).sum() < study.kept.size / 4
    assert (~study.decision.in_sample[study.kept]).sum() > 0
