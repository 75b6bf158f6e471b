"""Control variables, geographic agglomeration and the instruments."""

import numpy as np
import pandas as pd

from support.study import seed
from support.warehouse import assert_close
from urban_resilience.formulas.geographic_agglomeration import geographic_agglomeration
from urban_resilience.formulas.instrument import identified_instrument, instrument_as_printed

INSTRUMENT_BASE_YEAR = 2005


def test_controls(study, warehouse):
    for name, expected in study.controls.items():
        actual = warehouse.grid("intermediate.int_controls_computed", name, study.axes)
        assert_close(actual, expected, name)


def test_geographic_agglomeration(study, warehouse):
    actual = warehouse.grid("intermediate.int_controls_computed", "agg", study.axes)
    firms, area = study.filled["above_scale_industrial_firms"], study.filled["land_area_km2"]
    assert_close(actual, geographic_agglomeration(firms, area))


def internet_users_10k(study) -> pd.Series:
    """National users by year; a supplied year replaces the seed's."""
    known = seed("national_series").astype({"year": int, "internet_users_million": float})
    users = known.set_index("year")["internet_users_million"]
    supplied = study.read("national_series")
    supplied = supplied.set_index("year")["internet_users_million"].astype(float)
    return supplied.combine_first(users) * 100


def test_instruments(study, warehouse):
    base = study.axes.years.index(INSTRUMENT_BASE_YEAR)
    members = study.members.stocks.sum(axis=1)[:, base]
    members = np.where(study.members.is_counted[:, base], members, np.nan)
    users = internet_users_10k(study)
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
