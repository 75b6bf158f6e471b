"""A key that stands once for several rows: a merged cell that was saved as text.

It holds for the blank cells below it where another key, such as the year, tells their rows apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import (
    CITY_NAME,
    LONG_LAYOUT,
    PROVINCE_NAME,
    find_alias,
)
from urban_resilience.intake.vocabulary.headers import area_of

INDICATOR, AREA = "indicator", "area"
# What may stand once for several rows, and what may tell those rows apart.
TELLING_APART = (INDICATOR, "year")
CARRIED = (CITY_NAME, "city_code", PROVINCE_NAME, *TELLING_APART)
TELLING = (CITY_NAME, "city_code", "year", INDICATOR, AREA)


def carried_down(grid: Grid) -> Grid:
    """Return the sheet with keys in each of their rows; the sheet itself where none is missing."""
    header = None if grid.has_header_first else _find_header(grid)
    if header is None:
        return grid
    position, keys = header
    may_be_carried = [at for at, name in keys.items() if name in CARRIED]
    below = grid.rows[position + 1 :]
    if not any(cells and is_blank(_at(cells, at)) for at in may_be_carried for cells in below):
        return grid
    rows = [
        (row, cells)
        for row, cells in grid.filled_rows(position + 1)
        if sum(not is_blank(cell) for cell in cells) > 1
    ]
    blank = {at for at in keys if any(is_blank(_at(cells, at)) for _, cells in rows)}
    if not rows:
        return grid
    keys |= _areas(rows, keys)
    tellers = [at for at, name in keys.items() if name in TELLING and at not in blank]
    filled: dict[tuple[int, int], object] = {}
    for at in sorted(blank):
        if keys[at] in CARRIED and not (keys[at] == "year" and _repeats(rows, at)):
            of_places = [n for n in may_be_carried if n != at and keys[n] not in TELLING_APART]
            beside = of_places if keys[at] not in TELLING_APART else []
            filled |= _filled_down(rows, at, [n for n in tellers if n != at], beside)
    if not filled:
        return grid
    copies = list(grid.rows)
    for (row, at), value in filled.items():
        cells = list(copies[row])
        cells += [None] * (at + 1 - len(cells))
        cells[at] = value
        copies[row] = cells
    named = ", ".join(f"`{grid.rows[position][at]}`" for at in sorted({at for _, at in filled}))
    said = f"{named}: {len(filled):,} blank cells hold what stands above them"
    return replace(grid, rows=copies, notes=(*grid.notes, said))


def _find_header(grid: Grid) -> tuple[int, dict[int, str]] | None:
    """Return the first row that names cities or indicators beside another column, and its keys."""
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS:
            return None
        if not all(is_blank(cell) or is_text(cell) or year_of(cell) for cell in cells):
            continue
        keys = {at: name for at, cell in enumerate(cells) if is_text(cell) and (name := _key(cell))}
        if any(name in (CITY_NAME, "city_code", INDICATOR) for name in keys.values()):
            return position, keys
    return None


def _key(cell: object) -> str:
    header = parse(cell)
    for table in (YEARBOOK, LONG_LAYOUT):
        alias = find_alias(table, header)
        if alias is not None:
            return alias.column if alias.column in (*CARRIED, *TELLING) else ""
    return ""


def _areas(rows: Sequence[tuple[int, Sequence[object]]], keys: Mapping[int, str]) -> dict[int, str]:
    """Columns of areas (全市, 市辖区), which often have no header."""
    width = max(len(cells) for _, cells in rows)
    return {
        at: AREA
        for at in range(width)
        if at not in keys and all(area_of(_at(cells, at)) for _, cells in rows)
    }


def _filled_down(
    rows: Sequence[tuple[int, Sequence[object]]],
    at: int,
    tellers: Sequence[int],
    beside: Sequence[int],
) -> dict[tuple[int, int], object]:
    """Cells to fill in a column; none where a blank one may be missing for another reason.

    Where a name is repeated in rows that follow each other, a blank cell is not of that name; nor
    where another key beside it changes: a province without a city is the province itself.
    """
    filled: dict[tuple[int, int], object] = {}
    above: object = None
    seen: set[tuple[str, ...]] = set()
    known: dict[int, str] = {}
    for row, cells in rows:
        cell, told = _at(cells, at), tuple(str(_at(cells, other)) for other in tellers)
        if not is_blank(cell):
            if str(cell) == str(above):
                return {}
            above, seen = cell, set()
            known = {n: str(_at(cells, n)) for n in beside if not is_blank(_at(cells, n))}
        elif above is None or told in seen or not told or _changes(cells, known):
            return {}
        else:
            filled[row, at] = above
        seen.add(told)
    return filled


def _repeats(rows: Sequence[tuple[int, Sequence[object]]], at: int) -> bool:
    """Whether a column has a cell twice: a year that stands for all rows below it stands once."""
    cells = [str(cell) for _, row in rows if not is_blank(cell := _at(row, at))]
    return len(set(cells)) < len(cells)


def _changes(cells: Sequence[object], known: Mapping[int, str]) -> bool:
    own = ((str(_at(cells, n)), text) for n, text in known.items() if not is_blank(_at(cells, n)))
    return any(here != text for here, text in own)


def _at(cells: Sequence[object], at: int) -> object:
    return cells[at] if at < len(cells) else None
