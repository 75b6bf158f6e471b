"""How the answer to a query is shown or written."""

from __future__ import annotations

import csv
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from urban_resilience.shared.refusal import Refusal

if TYPE_CHECKING:
    import pyarrow as pa

    from urban_resilience.reporting.queries.ask import Answer

FORMATS = ("table", "csv", "json", "parquet")
# A terminal that is none has no width: nothing is cut.
WIDE = 100_000
LARGE = 1e5


def format_of(named: str, out: Path | None) -> str:
    """Tell the format: the one named, that of the file's ending, or a table.

    Raises
    ------
    Refusal
        There is no such format, or it cannot be shown.
    """
    known = ", ".join(FORMATS)
    ending = out.suffix[1:].lower() if out else ""
    chosen = named or ending or "table"
    if chosen not in FORMATS:
        what = f"--format {named}" if named else f"{out}"
        raise Refusal(f"{what}: there are {known}; name one with --format")
    if chosen == "parquet" and out is None:
        raise Refusal("parquet is for a file: name it with --out")
    return chosen


def show(answer: Answer, kind: str) -> None:
    """Print an answer."""
    if kind == "table":
        _table(answer, sys.stdout)
    else:
        _text(answer, kind, sys.stdout)


def write(answer: Answer, kind: str, out: Path) -> None:
    """Write an answer into a text file, CSV with the mark by which Excel knows UTF-8."""
    encoding = "utf-8-sig" if kind == "csv" else "utf-8"
    with out.open("w", encoding=encoding, newline="") as file:
        if kind == "table":
            _table(answer, file)
        else:
            _text(answer, kind, file)


def write_parquet(table: pa.Table, out: Path) -> None:
    """Write an answer with its types."""
    import pyarrow.parquet

    pyarrow.parquet.write_table(table, out, compression="zstd")


def _text(answer: Answer, kind: str, file: IO[str]) -> None:
    from urban_resilience.reporting.exports.neutral import neutral
    from urban_resilience.reporting.queries.ask import plain_value

    if kind == "csv":
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(answer.columns)
        for row in answer.rows:
            writer.writerow(neutral(cell) if isinstance(cell, str) else cell for cell in row)
        return
    rows = [
        json.dumps(
            dict(zip(answer.columns, map(plain_value, row), strict=True)), ensure_ascii=False
        )
        for row in answer.rows
    ]
    file.write("[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n")


def _table(answer: Answer, file: IO[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    numeric = [
        all(isinstance(row[i], int | float | Decimal | None) for row in answer.rows)
        for i in range(len(answer.columns))
    ]
    for name, is_number in zip(answer.columns, numeric, strict=True):
        table.add_column(Text(name), justify="right" if is_number else "left", overflow="fold")
    for row in answer.rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console = Console(file=file, width=None if file.isatty() else WIDE)
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float | Decimal):
        # As many digits as tell estimates apart; --format csv has them all.
        number = float(value)
        return f"{number:.0f}" if LARGE <= abs(number) < LARGE**3 else f"{number:.6g}"
    return str(value)
