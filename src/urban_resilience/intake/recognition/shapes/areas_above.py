"""Areas above the names of series: 全市 over GDP and population, 市辖区 over the same again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.header_rows import AREAS, scope_of
from urban_resilience.intake.recognition.shapes.naming import series_of
from urban_resilience.intake.vocabulary.aliases import find_alias


def areas_above(grid: Grid) -> Grid:
    """Put areas into the names below them; the sheet itself where none stand above names."""
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
