"""Lists as columns of Arrow. Arrow's own way imports pandas, which takes half a second."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa

# Codes of `array` for what holds the values of a type.
HELD_AS = {pa.float64(): "d", pa.int32(): "i", pa.int64(): "q", pa.timestamp("us"): "q"}
EPOCH = datetime(1970, 1, 1)


def arrow_column(cells: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return cells as a column.

    Parameters
    ----------
    cells
        Values of the kind; None where there is none.
    kind
        Text, true or false, a double, a whole number of 32 or 64 bits, or a time without a zone.

    Raises
    ------
    TypeError, OverflowError
        A cell is of another kind.
    """
    is_there = np.fromiter((cell is not None for cell in cells), bool, len(cells))
    n_missing = len(cells) - int(is_there.sum())
    bits = pa.py_buffer(np.packbits(is_there, bitorder="little")) if n_missing else None
    if kind == pa.string():
        texts = [b"" if cell is None else str.encode(cell) for cell in cells]
        ends = array("i", accumulate(map(len, texts), initial=0))
        values = [pa.py_buffer(ends), pa.py_buffer(b"".join(texts))]
    elif kind == pa.bool_():
        flags = np.fromiter(map(bool, cells), bool, len(cells))
        values = [pa.py_buffer(np.packbits(flags, bitorder="little"))]
    else:
        plain = map(_microseconds, cells) if pa.types.is_timestamp(kind) else cells
        filled = (0 if cell is None else cell for cell in plain)
        values = [pa.py_buffer(array(HELD_AS[kind], filled))]
    return pa.Array.from_buffers(kind, len(cells), [bits, *values], null_count=n_missing)


def arrow_table(records: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Return records as a table; a column that a record has not is empty there."""
    rows = list(records)
    columns = [arrow_column([row.get(f.name) for row in rows], f.type) for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _microseconds(cell: datetime | None) -> int | None:
    if cell is None:
        return None
    since = cell - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
