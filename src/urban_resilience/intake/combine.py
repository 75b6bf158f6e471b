"""Several sheets of one table to one list of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.aliases import CITY_NAME
from urban_resilience.intake.contract import Table
from urban_resilience.intake.problems import Problem
from urban_resilience.intake.rows import Row, SheetRows, UnreadableCell


def combine(
    table: Table, sheets: Sequence[SheetRows]
) -> tuple[list[Row], list[UnreadableCell], list[Problem]]:
    """Put the sheets of a table together.

    Sheets for different years or cities are stacked. Sheets with different series of the same
    city-years (one sheet per subject) become one row; its place is that of the first sheet. Two
    sheets that give the same series of the same city-year contradict each other's claim to be the
    source, and that is a problem whether or not the figures agree.

    A key that stands twice in one sheet stays two rows: judging duplicates is not done here.
    """
    if len(sheets) == 1:
        return sheets[0].rows, sheets[0].unreadable, []
    rows: list[Row] = []
    merged: dict[tuple, Row] = {}
    places: dict[tuple[str, int], Row] = {}
    clashes: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    values = [name for name in table.names if name not in (*table.grain, CITY_NAME)]
    for sheet in sheets:
        keys = [tuple(row.values.get(name) for name in table.grain) for row in sheet.rows]
        twice = {key for key, count in Counter(keys).items() if count > 1}
        for key, row in zip(keys, sheet.rows, strict=True):
            first = merged.get(key)
            if None in key or key in twice or first is None:
                rows.append(row)
                places[row.source_file, row.source_row] = row
                if None not in key and key not in twice:
                    merged[key] = row
                continue
            clashing = [n for n in values if _both(first.values.get(n), row.values.get(n))]
            if clashing or not values:
                pair = (first.source_file, row.source_file)
                clashes[pair] += 1
                examples.setdefault(pair, _example(table, key, clashing, first, row))
            for name, value in row.values.items():
                if first.values.get(name) is None:
                    first.values[name] = value
            places[row.source_file, row.source_row] = first
    problems = [
        Problem(
            second,
            f"it claims {count:,} rows of {table.name} that {first} has too, "
            f"{examples[first, second]}.",
            "Keep one of the two.",
        )
        for (first, second), count in clashes.items()
    ]
    unreadable = [_moved(cell, places) for sheet in sheets for cell in sheet.unreadable]
    return rows, unreadable, problems


def _both(first: object, second: object) -> bool:
    return first is not None and second is not None


def _example(table: Table, key: tuple, clashing: list[str], first: Row, second: Row) -> str:
    where = ", ".join(f"{name} {value}" for name, value in zip(table.grain, key, strict=True))
    if not clashing:
        return f"for example {where}"
    name = clashing[0]
    return f"for example `{name}` of {where}: {first.values[name]} and {second.values[name]}"


def _moved(cell: UnreadableCell, places: dict[tuple[str, int], Row]) -> UnreadableCell:
    """Attach a cell to the row it was merged into."""
    row = places.get((cell.source_file, cell.source_row or 0))
    if row is None or (row.source_file, row.source_row) == (cell.source_file, cell.source_row):
        return cell
    return replace(
        cell,
        source_file=row.source_file,
        source_row=row.source_row,
        reason=f"{cell.source_file} row {cell.source_row}: {cell.reason}",
    )
