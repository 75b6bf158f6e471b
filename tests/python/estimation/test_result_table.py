"""Fits laid out as one typed table."""

import pandas as pd
import pyarrow as pa

from support.panels import fit_spec, make_panel, make_spec
from urban_resilience.estimation.fit import Fit
from urban_resilience.estimation.tables.coefficients import SCHEMA, rows_of, tabulate_coefficients
from urban_resilience.estimation.tables.schema import table_of

FAILED = Fit(status="not_estimable", reason="no value in the sample: x")


def test_one_row_per_term_under_the_spec_id():
    spec = make_spec(spec_id="mine")
    fit = fit_spec(spec, make_panel())
    rows = tabulate_coefficients([spec], make_panel(), pd.DataFrame()).to_pylist()
    assert [row["term"] for row in rows] == ["x", "z"]
    assert {row["spec_id"] for row in rows} == {"mine"}
    assert [row["estimate"] for row in rows] == [term.estimate for term in fit.coefficients]
    assert all("pyfixest" in row["library_versions"] for row in rows)


def test_a_failed_fit_is_one_row_without_a_term():
    rows = rows_of(make_spec(), FAILED)
    assert len(rows) == 1
    assert rows[0]["status"] == "not_estimable"
    assert rows[0]["reason"] == FAILED.reason
    assert "term" not in rows[0]


def test_columns_are_typed_where_every_value_is_missing():
    """DuckDB would make of an untyped column one of type NULL, which no model can read."""
    table = table_of(rows_of(make_spec(), FAILED), SCHEMA)
    assert table.schema == SCHEMA
    assert pa.null() not in table.schema.types
    for name in ("estimate", "std_error", "r2"):
        assert table.schema.field(name).type == pa.float64()


def test_nothing_to_fit_is_an_empty_typed_table():
    table = tabulate_coefficients([], make_panel(), pd.DataFrame())
    assert table.num_rows == 0
    assert table.schema == SCHEMA
