"""Prepared tables and the lists beside them, as Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import UTC
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from urban_resilience.intake.conversion.report import SourceReport
from urban_resilience.intake.conversion.rows import Row, UnreadableCell
from urban_resilience.intake.vocabulary.contract import Table
from urban_resilience.shared.arrow_columns import arrow_column

ARROW_TYPES = {"varchar": pa.string(), "integer": pa.int32(), "double": pa.float64()}
UNREADABLE_SCHEMA = pa.schema(
    [
        ("table_name", pa.string()),
        ("source_file", pa.string()),
        ("source_row", pa.int64()),
        ("column_name", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
    ]
)
RAW_FILES_SCHEMA = pa.schema(
    [
        ("table_name", pa.string()),
        ("source_file", pa.string()),
        ("format", pa.string()),
        ("encoding", pa.string()),
        ("delimiter", pa.string()),
        ("layout", pa.string()),
        ("rows_in", pa.int64()),
        ("rows_merged", pa.int64()),
        ("rows_left_out", pa.int64()),
        ("columns_recognized", pa.string()),
        ("columns_ignored", pa.string()),
        ("conversions", pa.string()),
        ("modified_at", pa.timestamp("us")),
        ("doubts", pa.string()),
    ]
)


def write_table(table: Table, rows: Sequence[Row], path: Path) -> None:
    """Write rows in the contract's columns and types, with their places."""
    columns = {
        column.name: arrow_column(
            [row.values.get(column.name) for row in rows], ARROW_TYPES[column.data_type]
        )
        for column in table.columns
    }
    columns["source_file"] = arrow_column([row.source_file for row in rows], pa.string())
    columns["source_row"] = arrow_column([row.source_row for row in rows], pa.int64())
    pq.write_table(pa.table(columns), path, compression="zstd")


def write_unreadable(cells: Iterable[UnreadableCell], path: Path) -> None:
    """Write the list of cells that became null."""
    _write([astuple(cell) for cell in cells], UNREADABLE_SCHEMA, path)


def write_sources(sources: Iterable[SourceReport], path: Path) -> None:
    """Write one row per file or sheet."""
    records = [
        (
            source.table,
            source.source_file,
            source.format,
            source.encoding,
            source.delimiter,
            source.layout,
            source.rows_in,
            source.rows_merged,
            source.rows_left_out,
            "; ".join(f"{header} -> {column}" for header, column in source.columns),
            "; ".join(f"{item.header} ({item.reason})" for item in source.ignored),
            "; ".join(source.notes),
            source.modified_at.astimezone(UTC).replace(tzinfo=None),
            "; ".join(source.doubts) or None,
        )
        for source in sources
    ]
    _write(records, RAW_FILES_SCHEMA, path)


def _write(records: list[tuple], schema: pa.Schema, path: Path) -> None:
    columns = list(zip(*records, strict=True)) or [()] * len(schema)
    arrays = [arrow_column(list(c), f.type) for c, f in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)
