"""Variables that need no index, the controls among them, and the instruments."""

import numpy as np

from support.warehouse import assert_close
from urban_resilience.formulas.geographic_agglomeration import geographic_agglomeration
from urban_resilience.formulas.instrument import identified_instrument, instrument_as_printed

INSTRUMENT_BASE_YEAR = 2005


def test_every_early_variable(study, warehouse):
    built = set(warehouse.columns("intermediate.int_variables_early")) - {"city_code", "year"}
    assert built == set(study.early_variables)
    for name, expected in study.early_variables.items():
        actual = warehouse.grid("intermediate.int_variables_early", name, study.axes)
        assert_close(actual, expected, name)


def test_rows_of_the_seed_give_the_controls_of_the_paper(study):
    """Written out by hand, without the rows."""
    for name, by_hand in study.controls.items():
        assert_close(study.early_variables[name], by_hand, name)


def test_geographic_agglomeration(study, warehouse):
    actual = warehouse.grid("intermediate.int_variables_early", "agg", study.axes)
    firms, area = study.filled["above_scale_industrial_firms"], study.filled["land_area_km2"]
    assert_close(actual, geographic_agglomeration(firms, area))


def test_instruments(study, warehouse):
    base = study.axes.years.index(INSTRUMENT_BASE_YEAR)
    members = study.members.stocks.sum(axis=1)[:, base]
    members = np.where(study.members.is_counted[:, base], members, np.nan)
    users = study.national["internet_users_million"] * 100
    now = users.loc[list(study.axes.years)].to_numpy()
    before = users.loc[[year - 1 for year in study.axes.years]].to_numpy()
    expected = {
        "iv": instrument_as_printed(members, now),
        "iv_identified": identified_instrument(members, before),
        "iv_linear": np.multiply.outer(members, before) / 1000,
    }
    for column, grid in expected.items():
        actual = warehouse.grid("panel.fct_city_years", column, study.axes)
        assert_close(actual, grid, column)
    assert len(np.unique(members)) > 2
