"""Digital-service penetration: 2008 employment shares times national digital coefficients."""

import numpy as np
import pandas as pd
import pytest

from support.expected_coefficients import coefficients_of
from support.study import STUDY_YEARS
from support.warehouse import assert_close
from urban_resilience.formulas.shift_share import digital_service_penetration, employment_shares


def census_shares(study) -> tuple[np.ndarray, tuple[str, ...]]:
    census = study.read("economic_census_employment")
    if census is None:
        pytest.skip("this data set has no economic census")
    sector = census["industry_code"].astype(str).str.strip().map(study.sector_of)
    persons = pd.crosstab(
        census["city_code"], sector, values=census["employed_persons"], aggfunc="sum"
    ).reindex(list(study.kept_axes.city_codes))
    return employment_shares(persons.to_numpy(dtype=float)), tuple(persons.columns)


def test_digital_service_penetration(study, warehouse):
    shares, sectors = census_shares(study)
    for column, definition in (("dsp", "narrow"), ("dsp_wide", "wide")):
        coefficients = coefficients_of(study, definition, sectors, STUDY_YEARS)
        expected = digital_service_penetration(shares, coefficients)
        relation = "indices.fct_digital_service_penetration"
        assert_close(warehouse.grid(relation, column, study.kept_axes), expected, column)


def test_without_a_census_there_is_no_penetration(study, warehouse):
    if study.read("economic_census_employment") is not None:
        pytest.skip("this data set has an economic census")
    assert warehouse.value("select count(*) from indices.fct_digital_service_penetration") == 0
    assert warehouse.value("select count(dsp) from panel.fct_city_years") == 0
