"""Places and years in two rows above the figures, in either order: series down the first column.

A name above several columns stands once, in a merged cell or in the first of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.reading.remarks import is_note
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS
from urban_resilience.intake.recognition.shapes.naming import is_place, series_of
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.units import is_unit
from urban_resilience.shared.counting import count

CITY, YEAR, INDICATOR, UNIT, VALUE = "城市", "年份", "指标", "单位", "数值"
FEWEST = 2


def places_and_years_across(grid: Grid) -> list[Grid] | None:
    """Turn a column for each city and year into rows of one figure each."""
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS or position + 1 >= len(grid.rows):
            return None
        below = grid.rows[position + 1]
        start = next((at for at, cell in enumerate(below) if _is_key(cell)), 0)
        if not start:
            continue
        upper, lower = _filled(cells, start, len(below)), list(below[start:])
        pairs = [_pair(*both) for both in zip(upper, lower, strict=True)]
        if len(pairs) >= FEWEST and all(pairs) and len(set(pairs)) == len(pairs):
            return _turned(grid, position, start, [pair for pair in pairs if pair])
    return None


def _is_key(cell: object) -> bool:
    return year_of(cell) is not None or is_place(cell)


def _filled(cells: Sequence[object], start: int, end: int) -> list[object]:
    """Cells of a row from a column on, each blank one as what stands left of it."""
    row: list[object] = []
    for at in range(start, end):
        cell = cells[at] if at < len(cells) else None
        row.append(row[-1] if is_blank(cell) and row else cell)
    return row


def _pair(upper: object, lower: object) -> tuple[str, int] | None:
    """Return the place and the year of a column, whichever stands above."""
    for place, other in ((upper, lower), (lower, upper)):
        if is_place(place) and (year := year_of(other)) is not None:
            return str(place).strip(), year
    return None


def _turned(
    grid: Grid, header: int, start: int, pairs: Sequence[tuple[str, int]]
) -> list[Grid] | None:
    lines = [(n, cells) for n, cells in grid.filled_rows(header + 2) if not is_note(cells)]
    named_at = next(
        (
            at
            for at in range(start)
            if any(series_of(cells[at]) for _, cells in lines if at < len(cells))
        ),
        None,
    )
    if named_at is None:
        return None
    units = [at for at in range(start) if at != named_at and _are_units(lines, at)]
    head = [CITY, YEAR, INDICATOR, *([UNIT] if units else []), VALUE]
    rows: list[list[object]] = [list[object](head)]
    origins = [grid.row_number(header)]
    for n, cells in lines:
        for at, (place, year) in enumerate(pairs, start):
            figure = cells[at] if at < len(cells) else None
            if not is_missing(figure):
                rows.append([place, year, cells[named_at], *(cells[u] for u in units[:1]), figure])
                origins.append(grid.row_number(n))
    note = f"{count(len(pairs), 'column')} of a city and a year each put into rows"
    return [
        replace(
            grid,
            rows=[*grid.rows[:header], *rows],
            origins=(*map(grid.row_number, range(header)), *origins),
            repeated=frozenset(),
            notes=(*grid.notes, note),
        )
    ]


def _are_units(lines: Sequence[tuple[int, Sequence[object]]], at: int) -> bool:
    cells = [cells[at] for _, cells in lines if at < len(cells) and is_text(cells[at])]
    return bool(cells) and all(map(is_unit, cells))
