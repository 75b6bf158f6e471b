"""The indicators of resilience and of digital infrastructure, and which of them are used."""

import numpy as np

from support.study import MIN_COVERAGE, seed
from support.warehouse import assert_close


def test_every_indicator_is_compared(study):
    assert set(study.indicators) == set(seed("resilience_indicators")["indicator_id"])


def test_indicator_values(study, warehouse):
    for name, expected in study.indicators.items():
        where = f"indicator_id = '{name}'"
        actual = warehouse.grid("indices.fct_indicator_values", "value", study.axes, where)
        assert_close(actual, expected, name)


def test_coverage_and_screening(study, warehouse):
    rows = warehouse.frame("select * from intermediate.int_indicator_coverage")
    rows = rows.set_index("indicator_id")
    assert set(rows.index) == set(study.coverage)
    for name, share in study.coverage.items():
        assert_close(rows.loc[name, "coverage"], share, name)
        assert rows.loc[name, "is_used"] == (share >= MIN_COVERAGE), name


def test_unused_indicators_say_why(study, warehouse):
    decisions = warehouse.frame(
        "select distinct indicator_id, decision from indices.fct_index_weights"
    ).set_index("indicator_id")["decision"]
    for name, share in study.coverage.items():
        if share == 0:
            assert decisions[name] == "no value in the raw data"
        elif share < MIN_COVERAGE:
            assert decisions[name].startswith(f"coverage {100 * share:.1f}% is below 80")
        else:
            assert decisions[name] == "used"


def test_some_value_of_every_used_indicator_varies(study):
    for name in study.used:
        assert np.nanstd(study.indicators[name][:, study.study]) > 0, name
