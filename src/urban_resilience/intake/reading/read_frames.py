"""Formats with typed columns: Stata and small Parquet files."""

from __future__ import annotations

import re
import struct
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.reading.path_columns import columns_in_path
from urban_resilience.shared.problems import FileFault

# Pandas takes half a second to import, and most folders have no file that needs it.
if TYPE_CHECKING:
    import pandas as pd

NUMBERS_OF_ROWS = re.compile(r"__index_level_\d+__")


def read_stata(path: Path, source: str) -> Grid:
    """Read a Stata file; value labels stand for their codes.

    Stata's `float` holds about seven digits: such a number is read as the shortest decimal that
    names it, which is what was typed in, not as the long tail of its binary form.
    """
    import pandas as pd

    if path.stat().st_size == 0:
        raise FileFault("the file is empty.", "Save it again from Stata.")
    try:
        with warnings.catch_warnings():
            # It warns where it falls back to Latin-1, which `_as_chinese` takes back.
            warnings.simplefilter("ignore", UnicodeWarning)
            frame = pd.read_stata(path, preserve_dtypes=True)
            labels = _labels(path)
    except (ValueError, KeyError, OSError, struct.error, UnicodeDecodeError, IndexError) as error:
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise FileFault(
            f"the Stata file cannot be read ({why}).",
            "Save it again with `saveold` or `export delimited`.",
        ) from None
    # Stata names are mostly ASCII; the Chinese header is then the label. Both may be known.
    header = [
        f"{labels[name]}\n{name}" if labels.get(name) not in (None, "", name) else name
        for name in frame.columns
    ]
    columns = [_cells(frame.iloc[:, position]) for position in range(frame.shape[1])]
    grid = _grid(header, columns, path, source, "dta")
    rows = [
        [_as_chinese(cell) if isinstance(cell, str) else cell for cell in row] for row in grid.rows
    ]
    return replace(grid, rows=rows)


def _labels(path: Path) -> dict[str, str]:
    import pandas as pd

    with pd.read_stata(path, iterator=True) as reader:
        labels = reader.variable_labels()
    return {name: _as_chinese(label.strip()) for name, label in labels.items()}


def _as_chinese(text: str) -> str:
    """Undo Latin-1: files of Stata 13 and before hold GBK, and nothing in them says so."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("gb18030")
    except UnicodeError:
        return text


def read_small_parquet(path: Path, source: str) -> Grid:
    """Read a Parquet file that is small enough to hold."""
    with pq.ParquetFile(path) as file:
        table = file.read()
    above = columns_in_path(source, table.column_names)
    # Row numbers that pandas kept are no column of the file; an index with a name is one.
    names = [name for name in table.column_names if not NUMBERS_OF_ROWS.fullmatch(name)]
    columns = [_cells_of_arrow(table.column(name)) for name in names]
    columns += [[value] * table.num_rows for value in above.values()]
    return _grid([*names, *above], columns, path, source, "parquet")


def _grid(
    header: Sequence[object], columns: list[list[object]], path: Path, source: str, name: str
) -> Grid:
    rows = [list(cells) for cells in zip(*columns, strict=True)]
    return Grid(
        source=source,
        rows=[list(header), *rows],
        format=name,
        title=path.stem,
        has_header_first=True,
    )


def _cells_of_arrow(column: pa.ChunkedArray) -> list[object]:
    if pa.types.is_float32(column.type):
        return [_shortest(value) for value in column.to_numpy()]
    return [None if cell != cell else cell for cell in column.to_pylist()]


def _cells(column: pd.Series) -> list[object]:
    if column.dtype == np.float32:
        return [_shortest(value) for value in column.to_numpy()]
    cells = column.astype(object).where(column.notna(), None)
    return [value.item() if isinstance(value, np.generic) else value for value in cells]


def _shortest(value: np.float32) -> float | None:
    """Return the shortest decimal that names a number of seven digits; None where it is none."""
    return None if np.isnan(value) else float(str(value))
