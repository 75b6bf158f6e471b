"""Read a finished warehouse."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from urban_resilience.formulas.panel import CityYears


class Warehouse:
    """A DuckDB file, opened for reading one query at a time so that nothing stays locked."""

    def __init__(self, path: Path):
        self.path = path

    def frame(self, query: str) -> pd.DataFrame:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.sql(query).df()

    def value(self, query: str):
        return self.frame(query).iloc[0, 0]

    def relations(self, *schemas: str) -> list[str]:
        """Schema-qualified names of all relations in the schemas."""
        listed = ", ".join(f"'{schema}'" for schema in schemas)
        return self.frame(
            "select table_schema || '.' || table_name as relation from information_schema.tables "
            f"where table_schema in ({listed}) order by 1"
        )["relation"].tolist()

    def columns(self, relation: str) -> list[str]:
        return self.frame(f"select column_name from (describe {relation})")["column_name"].tolist()

    def grid(self, relation: str, column: str, axes: CityYears, where: str = "true") -> np.ndarray:
        """One column as cities x years; a value outside the axes is a failure, not ignored."""
        rows = self.frame(
            f"select city_code, year, cast({column} as double) as value from {relation} "
            f"where {where} and {column} is not null"
        )
        assert not rows.duplicated(["city_code", "year"]).any(), f"{relation}: city-year twice"
        outside = ~(rows["city_code"].isin(axes.city_codes) & rows["year"].isin(axes.years))
        assert not outside.any(), f"{relation}.{column} has values outside the axes"
        laid_out = rows.pivot(index="city_code", columns="year", values="value")
        laid_out = laid_out.reindex(index=list(axes.city_codes), columns=list(axes.years))
        return laid_out.to_numpy(dtype=float)


def assert_close(actual, expected, what: str = "") -> None:
    """Equal to nine digits, with missing exactly where missing is expected."""
    np.testing.assert_allclose(
        actual, expected, rtol=1e-9, atol=1e-12, equal_nan=True, err_msg=what
    )
