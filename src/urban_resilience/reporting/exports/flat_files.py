"""Marts as Parquet and as CSV."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from urban_resilience.reporting.built import Built
from urban_resilience.reporting.dictionary import Column, Mart
from urban_resilience.reporting.exports.neutral import neutral_sql
from urban_resilience.shared.database import name, quote

BOM = b"\xef\xbb\xbf"
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
           "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE")  # fmt: skip
# By these, as far as a mart has them, an export is in the same order every time.
KEYS = (
    "index_id",
    "spec_id",
    "table_id",
    "city_code",
    "year",
    "indicator_id",
    "term",
    "row_number",
)
PLAIN = (*NUMBERS, "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIME")


def write_parquet(
    connection: duckdb.DuckDBPyConnection, mart: Mart, built: Built, file: Path
) -> None:
    """Write a mart with the build's hash among the file's own notes."""
    notes = {"content_hash": built.content_hash, "build": built.in_words, "banner": built.banner}
    told = ", ".join(f"{key}: {quote(value)}" for key, value in notes.items())
    connection.execute(
        f"copy (from {rows_of(mart)}) to {quote(file)} (format parquet, kv_metadata {{{told}}})"
    )


def write_csv(connection: duckdb.DuckDBPyConnection, mart: Mart, file: Path) -> None:
    """Write a mart as UTF-8 with a byte order mark, without which Excel misreads Chinese."""
    columns = ", ".join(f"{cell_sql(column)} as {name(column.name)}" for column in mart.columns)
    body = file.with_name(f"{file.name}.body")
    connection.execute(
        f"copy (select {columns} from {rows_of(mart)}) to {quote(body)} (format csv, header)"
    )
    with file.open("wb") as written, body.open("rb") as read:
        written.write(BOM)
        shutil.copyfileobj(read, written)
    body.unlink()


def cell_sql(column: Column) -> str:
    """Write a column for a spreadsheet: numbers as they are, text and lists as harmless text."""
    quoted = name(column.name)
    if column.data_type in PLAIN or column.data_type.startswith("DECIMAL"):
        return quoted
    return neutral_sql(f"cast({quoted} as varchar)")


def rows_of(mart: Mart, condition: str = "true") -> str:
    """Write what stands behind ``from``: the rows of a mart in the order of its keys."""
    schema, table = mart.relation.split(".", 1)
    keys = [key for key in KEYS if any(column.name == key for column in mart.columns)]
    order = f" order by {', '.join(keys)}" if keys else ""
    source = f"{name(schema)}.{name(table)}"
    if mart.names_from:
        source = (
            f"(select own.*, cities.city_name_en, cities.city_name_zh from {source} as own"
            f" left join {mart.names_from} as cities using (city_code)) as named"
        )
    return f"{source} where {condition}{order}"
