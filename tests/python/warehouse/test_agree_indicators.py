"""The indicators of resilience and of digital infrastructure, and which of them are used."""

import numpy as np

from support.study import MIN_COVERAGE, seed
from support.warehouse import assert_close
from urban_resilience.formulas.panel import ratio
from urban_resilience.formulas.resilience_indicators import resilience_indicators

# The study evaluates the rows of the seed; these are written out by hand, without them.
INFRASTRUCTURE = {
    "broadband_per_100": ("broadband_subscribers_10k", 100),
    "mobile_per_100": ("mobile_subscribers_10k", 100),
    "telecom_volume_per_capita": ("telecom_volume_100m_yuan", 1e4),
}


def test_every_indicator_is_compared(study, warehouse):
    built = warehouse.frame("select distinct indicator_id from indices.fct_indicator_values")
    assert set(study.indicators) == set(built["indicator_id"])
    assert set(study.indicators) == set(seed("resilience_indicators")["indicator_id"])


def test_rows_of_the_seed_give_the_formulas_of_the_paper(study):
    by_hand = resilience_indicators(study.filled)
    for name, (series, scale) in INFRASTRUCTURE.items():
        by_hand[name] = ratio(
            study.filled[series] * scale, study.filled["registered_population_10k"]
        )
    shared = by_hand.keys() & study.indicators.keys()
    assert shared
    for name in shared:
        assert_close(study.indicators[name], by_hand[name], name)


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
