"""Areas that stand above what they are of: over the names of series, or over rows of cities."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.cells.text import half_width
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.header_rows import AREAS, scope_of
from urban_resilience.intake.recognition.shapes.naming import series_of
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.intake.vocabulary.headers import CITY_PROPER, WHOLE_CITY
from urban_resilience.shared.counting import count

# `二、市辖区`, `(2) 市辖区`.
_NUMBER = re.compile(r"^\s*\(?[一二三四五六七八九十\d]{1,2}(?:[、.)]|\s)\s*")


def areas_above(grid: Grid) -> Grid:
    """Put areas into the names below them; the sheet itself where none stand above names.

    全市 over GDP and population, 市辖区 over the same again.
    """
    position = None if grid.has_header_first else _find(grid)
    if position is None:
        return grid
    above, names = grid.rows[position], list(grid.rows[position + 1])
    names += [None] * (len(above) - len(names))
    # A merged cell was spread over its columns; a blank beside it belongs to nothing.
    is_merged = any(row == position for row, _ in grid.repeated)
    area = ""
    for at, name in enumerate(names):
        cell = above[at] if at < len(above) else None
        if not is_blank(cell):
            area = scope_of(cell)
            names[at] = cell if not area and (is_blank(name) or str(name) == str(cell)) else name
        elif is_merged:
            area = ""
        if area and is_text(name) and series_of(name) and not parse(name).scope:
            first, *lines = str(name).split("\n")
            names[at] = "\n".join([f"{first}({AREAS[area]})", *lines])
    rows = list(grid.rows)
    rows[position : position + 2] = [[None] * len(above), names]
    note = f"areas above the names (row {grid.row_number(position)}) put into them"
    return replace(
        grid,
        rows=rows,
        notes=(*grid.notes, note),
        repeated=frozenset((row, at) for row, at in grid.repeated if row != position),
    )


def without_city_proper(grid: Grid) -> Grid:
    """Leave out rows of cities under a line of their own that says 市辖区.

    Where all rows stand under such a line, it is put above the sheet, for which it then speaks.
    """
    areas = {} if grid.has_header_first else _lines_of_areas(grid)
    if not areas:
        return grid
    area = WHOLE_CITY
    kept: list[int] = []
    left_out: list[int] = []
    for position in range(len(grid.rows)):
        area = areas.get(position, area)
        if position in areas:
            continue
        is_part = area == CITY_PROPER and any(not is_blank(cell) for cell in grid.rows[position])
        (left_out if is_part else kept).append(position)
    of_cities = [position for position in kept if len(set(_texts(grid.rows[position]))) > 1]
    # The first of them is the header.
    if len(of_cities) < 2:
        first = next(iter(areas))
        kept = [first, *(p for p in range(len(grid.rows)) if p not in areas)]
    elif left_out:
        said = f"{count(len(left_out), 'row')} of the city proper (市辖区) left out"
        grid = replace(grid, notes=(*grid.notes, f"{said}, under a line that says so"))
    moved = {position: row for row, position in enumerate(kept)}
    return replace(
        grid,
        rows=[grid.rows[position] for position in kept],
        origins=tuple(grid.row_number(position) for position in kept),
        repeated=frozenset((moved[row], at) for row, at in grid.repeated if row in moved),
    )


def _lines_of_areas(grid: Grid) -> dict[int, str]:
    """Rows below a header that name an area and nothing else, with the area."""
    found: dict[int, str] = {}
    has_header = False
    for position, cells in grid.filled_rows():
        texts = set(_texts(cells))
        if has_header and len(texts) == 1 and (area := scope_of(_bare(texts.pop()))):
            found[position] = area
        has_header = has_header or len(_texts(cells)) > 1
    return found if CITY_PROPER in found.values() else {}


def _bare(text: str) -> str:
    return _NUMBER.sub("", half_width(text))


def _texts(cells: Sequence[object]) -> list[str]:
    return [str(cell).strip() for cell in cells if not is_blank(cell)]


def _find(grid: Grid) -> int | None:
    """Row of areas, and perhaps of what tells rows apart, right above one of series."""
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS or position + 1 >= len(grid.rows):
            return None
        filled = [cell for cell in cells if not is_blank(cell)]
        # Rows of data are many, and hold figures.
        if not all(is_text(cell) and not str(cell)[:1].isdigit() for cell in filled):
            continue
        n_areas = sum(bool(scope_of(cell)) for cell in filled)
        others = [cell for cell in filled if not scope_of(cell)]
        if n_areas and all(map(_is_key, others)) and _are_names(grid.rows[position + 1]):
            return position
    return None


def _is_key(cell: object) -> bool:
    alias = find_alias(YEARBOOK, parse(cell))
    return alias is not None and series_of(cell) is None


def _are_names(cells: Sequence[object]) -> bool:
    filled = [cell for cell in cells if not is_blank(cell)]
    return all(map(is_text, filled)) and any(map(series_of, filled))
