"""The formulas chained from raw files to the panel, as the simulator uses them, give the mart."""

import numpy as np
import pytest

from support.study import Study, indicator_rows, seed
from support.warehouse import Warehouse, assert_close
from urban_resilience.formulas.study_panel import WINSORIZED, StudyPanel, study_panel


@pytest.fixture(scope="module")
def chained(simulated_raw) -> StudyPanel:
    study = Study(simulated_raw)
    seats = seed("cities").astype({"longitude": float, "latitude": float})
    return study_panel(
        study.yearbook,
        study.read("platform_members"),
        study.read("input_output_flows"),
        study.read("industry_output"),
        study.read("economic_census_employment"),
        study.read("national_series"),
        seats,
        study.sector_of,
        indicator_rows=indicator_rows("resilience"),
    )


@pytest.fixture(scope="module")
def simulated(simulated_warehouse) -> Warehouse:
    return Warehouse(simulated_warehouse)


@pytest.mark.parametrize("variable", [*WINSORIZED, "is_estimation_sample"])
def test_variable(chained, simulated, variable):
    actual = simulated.grid("panel.fct_estimation_panel", variable, chained.axes)
    expected = chained.variables[variable].to_numpy(dtype=float).reshape(chained.axes.shape)
    assert_close(actual, expected)
    assert np.isfinite(expected).mean() > 0.9


def test_capital_elasticity(chained, simulated):
    found = simulated.value("select capital_elasticity from intermediate.est_production_function")
    assert_close(found, chained.alpha)
