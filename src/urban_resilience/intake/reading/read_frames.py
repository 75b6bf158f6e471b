"""Formats with typed columns: Stata and small Parquet files."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from urban_resilience.intake.reading.grid import Grid
from urban_resilience.shared.problems import FileFault


def read_stata(path: Path, source: str) -> Grid:
    """Read a Stata file; value labels stand for their codes.

    Stata's `float` holds about seven digits: such a number is read as the shortest decimal that
    names it, which is what was typed in, not as the long tail of its binary form.
    """
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
    grid = _grid(frame, header, path, source, "dta")
    rows = [
        [_as_chinese(cell) if isinstance(cell, str) else cell for cell in row] for row in grid.rows
    ]
    return replace(grid, rows=rows)


def _labels(path: Path) -> dict[str, str]:
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
    frame = pq.read_table(path).to_pandas(types_mapper=None)
    return _grid(frame, list(frame.columns), path, source, "parquet")


def _grid(
    frame: pd.DataFrame, header: Sequence[object], path: Path, source: str, name: str
) -> Grid:
    columns = [_cells(frame.iloc[:, position]) for position in range(frame.shape[1])]
    rows = [list(cells) for cells in zip(*columns, strict=True)]
    return Grid(
        source=source,
        rows=[list(header), *rows],
        format=name,
        title=path.stem,
        has_header_first=True,
    )


def _cells(column: pd.Series) -> list[object]:
    if column.dtype == np.float32:
        return [None if np.isnan(value) else float(str(value)) for value in column.to_numpy()]
    cells = column.astype(object).where(column.notna(), None)
    return [value.item() if isinstance(value, np.generic) else value for value in cells]
