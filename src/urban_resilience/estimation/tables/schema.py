"""Typed tables: what every table of results is made with."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def long_schema(
    text: str = "", integers: str = "", numbers: str = "", flags: str = ""
) -> pa.Schema:
    """Type a table of another shape: names of each kind, separated by blanks."""
    kinds = ((text, pa.string()), (integers, pa.int64()), (numbers, pa.float64()))
    every = (*kinds, (flags, pa.bool_()))
    return pa.schema([(name, kind) for names, kind in every for name in names.split()])


def list_of(schema: pa.Schema) -> pa.DataType:
    """Type a column whose every value is a list of rows."""
    return pa.list_(pa.struct(list(schema)))


def nested(rows: list[dict], schema: pa.Schema) -> list[dict]:
    """Rows for such a column, a number that is not one (NaN) null."""
    return table_of(rows, schema).to_pylist()


def table_of(rows: list[dict], schema: pa.Schema) -> pa.Table:
    """Lay rows out in a typed table; a number that is not one (NaN) is null, as in SQL."""
    table = pa.Table.from_pylist(rows, schema=schema)
    columns = [
        pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        if pa.types.is_floating(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, schema=schema)
