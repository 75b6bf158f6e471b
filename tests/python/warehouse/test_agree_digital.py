"""Digital coefficients by definition, and virtual agglomeration with all its variants."""

import numpy as np
import pytest

from support.expected_coefficients import coefficients_of
from support.expected_quotients import expected_quotients
from support.study import STUDY_YEARS
from support.warehouse import assert_close
from urban_resilience.formulas.virtual_agglomeration import virtual_agglomeration

DEFINITIONS = ("narrow", "wide", "widest")
FROZEN_YEAR = 2007
MIN_MEMBERS = 5


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("column", ["coefficient", "coefficient_without_own"])
def test_coefficients(study, warehouse, definition, column):
    wide = warehouse.frame(
        f"select sector, year, {column} from indices.fct_digital_coefficients "
        f"where definition = '{definition}'"
    ).pivot(index="sector", columns="year", values=column)
    assert set(wide.index) == set(study.read("industry_output")["sector"])
    assert set(STUDY_YEARS) <= set(wide.columns)
    expected = coefficients_of(
        study, definition, tuple(wide.index), tuple(wide.columns), column != "coefficient"
    )
    assert_close(wide.to_numpy(), expected)
    assert expected.max() > 0


def test_years_after_the_last_table_carry_it(study, warehouse):
    last_table = study.read("input_output_flows")["year"].max()
    years = warehouse.frame(
        "select distinct year, table_year, is_carried_forward from indices.fct_digital_coefficients"
    )
    carried = years["year"] > last_table
    assert carried.any()
    np.testing.assert_array_equal(years["is_carried_forward"], carried)
    np.testing.assert_array_equal(years["table_year"], np.minimum(years["year"], last_table))


def expected_agglomeration(study):
    """The mart's columns on the grid of kept cities and study years."""
    quotients = expected_quotients(study)
    narrow, wide = study.coefficients("narrow"), study.coefficients("wide")
    sectors = study.members.sectors
    own_dropped = coefficients_of(study, "wide", sectors, STUDY_YEARS, drop_own=True)
    frozen = np.repeat(study.coefficients("narrow", (FROZEN_YEAR,)), len(STUDY_YEARS), axis=1)
    stocks = study.of_kept(study.members.stocks)

    def weigh(lq, coefficients):
        return np.einsum("cjt,jt->ct", lq, coefficients)

    found = {
        "members": stocks.sum(axis=1),
        "vagg": virtual_agglomeration(stocks, narrow),
        "vagg_wide": virtual_agglomeration(stocks, wide),
        "vagg_widest": virtual_agglomeration(stocks, study.coefficients("widest")),
        "vagg_wide_without_own": virtual_agglomeration(stocks, own_dropped),
        "vagg_frozen": virtual_agglomeration(stocks, frozen),
        "vagg_shrunken": weigh(quotients["lq_shrunken"], narrow),
        "vagg_per_worker": weigh(quotients["lq_per_worker"], narrow),
    }
    found["vagg_screened"] = np.where(found["members"] >= MIN_MEMBERS, found["vagg"], np.nan)
    if "lq_joiners" in quotients:
        found["vagg_joiners"] = weigh(quotients["lq_joiners"], narrow)
    else:
        found["vagg_joiners"] = np.full(found["vagg"].shape, np.nan)
    is_counted = study.of_kept(study.members.is_counted)
    return {name: np.where(is_counted, grid, np.nan) for name, grid in found.items()}


def test_virtual_agglomeration_and_its_variants(study, warehouse):
    expected = expected_agglomeration(study)
    for column, grid in expected.items():
        actual = warehouse.grid("indices.fct_virtual_agglomeration", column, study.kept_axes)
        assert_close(actual, grid, column)
    if study.members.joiners is not None:
        # Real stand-in counts cannot tell all variants apart; firm records must.
        assert len({grid.tobytes() for grid in expected.values()}) == len(expected)
