"""Which rows of a mart a program gets that is slow with many."""

from __future__ import annotations

import duckdb

from urban_resilience.reporting.dictionary import Mart
from urban_resilience.shared.database import quote


def excerpt_of(
    connection: duckdb.DuckDBPyConnection, mart: Mart, most_rows: int
) -> tuple[str | None, str]:
    """Choose the rows of a mart: all, those of the headline's index, or none.

    Parameters
    ----------
    connection
        To the warehouse.
    mart
        The relation.
    most_rows
        As many as the program takes well.

    Returns
    -------
    tuple of str or None, str
        The condition (None for no row), and that in words.
    """
    if mart.n_rows <= most_rows:
        return "true", f"all {mart.n_rows:,} rows"
    if any(column.name == "index_id" for column in mart.columns):
        index_id = _first_index(connection)
        condition = f"index_id = {quote(index_id)}"
        count = connection.execute(
            f"select count(*) from {mart.relation} where {condition}"
        ).fetchall()[0][0]
        if 0 < count <= most_rows:
            return condition, f"{count:,} of {mart.n_rows:,} rows: those of index {index_id}"
    return None, f"left out: {mart.n_rows:,} rows are too many, take the CSV or Parquet file"


def _first_index(connection: duckdb.DuckDBPyConnection) -> str:
    """Index that the headline is about, else the first of the study."""
    row = connection.execute(
        "select index_id from reference.index_definitions order by index_id = ("
        " select specs.outcome from reference.regression_specs as specs"
        " inner join reference.study_settings as settings on specs.spec_id = settings.value"
        " where settings.setting = 'headline_spec' limit 1) desc nulls last, rowid limit 1"
    ).fetchone()
    return str(row[0]) if row else ""
