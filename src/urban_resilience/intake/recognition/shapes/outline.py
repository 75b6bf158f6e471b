"""Years across under headings: an indicator above its cities, or a city above its indicators.

So does a first column that holds both: 石家庄市:地区生产总值. Each becomes a column of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.reading.remarks import is_note
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS
from urban_resilience.intake.recognition.shapes.naming import (
    is_number,
    is_place,
    is_province,
    series_of,
)
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.shared.counting import count

FEWEST_YEARS = 2
CITY, INDICATOR = "城市", "指标"
_PARTS = re.compile(r"\s*[:：\-—_|/,，]\s*")


def outlined(grid: Grid) -> Grid:
    """Return the sheet with a column for what its headings say; itself where it has none."""
    position = _find_years(grid)
    if position is None:
        return grid
    years = [at for at, cell in enumerate(grid.rows[position]) if year_of(cell) is not None]
    figures, headings, at = _rows(grid, position, years)
    if at is None or at >= years[0]:
        return grid
    labels = {row: str(grid.rows[row][at]) for row in figures if is_text(_at(grid.rows[row], at))}
    n_places = sum(map(is_place, labels.values()))
    if not headings:
        return _taken_apart(grid, position, at, labels)
    n_named = sum(map(is_place, headings.values()))
    if 2 * n_places > len(labels) and any(map(series_of, headings.values())):
        kind, own = INDICATOR, {r: t for r, t in headings.items() if not is_place(t)}
    elif 2 * n_places < len(labels) and 2 * n_named > len(headings):
        kind, own = CITY, {r: t for r, t in headings.items() if not is_province(t)}
    else:
        return grid
    if not own or min(own) > min(figures):
        return grid
    return _with_column(grid, position, kind, own)


def _find_years(grid: Grid) -> int | None:
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        years = {year for cell in cells if (year := year_of(cell)) is not None}
        # Two years and another figure are a row of data, as of a member that joined and left.
        if any(is_number(cell) and year_of(cell) is None for cell in cells if not is_blank(cell)):
            continue
        if len(years) >= FEWEST_YEARS and year_of(cells[0]) is None and not is_place(cells[0]):
            return position
    return None


def _rows(
    grid: Grid, position: int, years: Sequence[int]
) -> tuple[list[int], dict[int, str], int | None]:
    """Rows of figures, headings with their text, and the column both stand in."""
    figures: list[int] = []
    headings: dict[int, str] = {}
    at: int | None = None
    for row, cells in grid.filled_rows(position + 1):
        if all(is_missing(_at(cells, year)) for year in years):
            texts = {str(cell).strip() for cell in cells if is_text(cell)}
            if len(texts) == 1 and not is_note(cells):
                headings[row] = texts.pop()
            continue
        figures.append(row)
        first = next((n for n, cell in enumerate(cells) if not is_blank(cell)), None)
        at = first if at is None else at
    return figures, headings, at


def _with_column(grid: Grid, position: int, kind: str, headings: dict[int, str]) -> Grid:
    current: object = None
    rows: list[list[object]] = []
    places: list[int] = []
    for row, cells in enumerate(grid.rows):
        if row in headings:
            current = headings[row]
            continue
        first = kind if row == position else current if row > position and cells else None
        rows.append([first, *cells])
        places.append(row)
    moved = {row: place for place, row in enumerate(places)}
    said = f"{count(len(headings), 'heading')} between rows made a column `{kind}`"
    return replace(
        grid,
        rows=rows,
        origins=tuple(map(grid.row_number, places)),
        repeated=frozenset((moved[row], at + 1) for row, at in grid.repeated if row in moved),
        notes=(*grid.notes, said),
    )


def _taken_apart(grid: Grid, position: int, at: int, labels: dict[int, str]) -> Grid:
    """Make two columns of one that holds a place and a series in each cell."""
    parts = {row: _place_and_series(text) for row, text in labels.items()}
    found = {row: part for row, part in parts.items() if part is not None}
    if not found or 2 * len(found) <= len(labels):
        return grid
    rows = [
        [
            INDICATOR if row == position else found[row][1] if row in found else None,
            *(
                CITY if row == position and n == at
                else found[row][0] if row in found and n == at
                else cell
                for n, cell in enumerate(cells)
            ),
        ]
        for row, cells in enumerate(grid.rows)
    ]  # fmt: skip
    return replace(
        grid,
        rows=rows,
        origins=tuple(map(grid.row_number, range(len(rows)))),
        repeated=frozenset((row, n + 1) for row, n in grid.repeated),
        notes=(*grid.notes, "its first column names a place and a series: taken apart"),
    )


def _place_and_series(text: str) -> tuple[str, str] | None:
    for found in _PARTS.finditer(text):
        first, second = text[: found.start()].strip(), text[found.end() :].strip()
        if is_place(first) and second and not is_place(second):
            return first, second
        if is_place(second) and first and series_of(first) is not None:
            return second, first
    return None


def _at(cells: Sequence[object], at: int) -> object:
    return cells[at] if at < len(cells) else None
