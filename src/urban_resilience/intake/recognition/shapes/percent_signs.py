"""Figures with a sign in every cell: 48%, as Excel writes a share into a text, or 12.3亿元."""

from __future__ import annotations

import re
from dataclasses import replace

from urban_resilience.intake.cells.numbers import NUMBER, THOUSANDS
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.intake.vocabulary.contract import YEARBOOK, contract
from urban_resilience.intake.vocabulary.headers import parse_header
from urban_resilience.intake.vocabulary.units import find_unit, is_unit, unit_key

_SIGNED = re.compile(rf"\s*({NUMBER})\s*[%％]\s*")
_WITH_UNIT = re.compile(rf"\s*({NUMBER}|{THOUSANDS})\s*([^\W\d_a-zA-Z]{{1,6}})\s*")
_NUMBER = re.compile(rf"\s*{NUMBER}\s*")
FIRST_ROWS = 100
PERCENT, _ENDS = "%", ("%", "％", " ")


def without_percent_signs(grid: Grid) -> Grid:
    """Put the sign into the header of a column whose figures all have it; the sheet itself if none.

    A column that holds figures without it too is left as it is: they may be fractions.
    """
    # A sheet has many cells, and such columns show it at once.
    columns = {
        at for row in grid.rows[:FIRST_ROWS] for at, cell in enumerate(row) if _is_signed(cell)
    }
    signed = {
        at: [n for n, row in enumerate(grid.rows) if at < len(row) and _is_signed(row[at])]
        for at in sorted(columns)
    }
    rows: list[list[object]] | None = None
    named = []
    for at, positions in signed.items():
        header = _header_above(grid, at, positions[0])
        if header is None or _has_plain_figures(grid, at, positions[0]):
            continue
        text = str(grid.rows[header][at])
        unit = parse_header(text).unit
        if unit and unit != unit_key(PERCENT):
            continue
        rows = rows or [list(row) for row in grid.rows]
        rows[header][at] = text if unit else f"{text}({PERCENT})"
        named.append(f"`{' '.join(text.split())}`")
        for position in positions:
            found = _SIGNED.fullmatch(str(grid.rows[position][at]))
            assert found is not None
            rows[position][at] = found.group(1)
    if rows is None:
        return grid
    note = f"figures with a percent sign read in per cent: {', '.join(named)}"
    return replace(grid, rows=rows, notes=(*grid.notes, note))


def without_units(grid: Grid) -> Grid:
    """Put the unit into the header of a series whose figures all have it; the sheet if none do.

    A column that holds figures without it, or in another unit, is left as it is.
    """
    columns = {
        at for row in grid.rows[:FIRST_ROWS] for at, cell in enumerate(row) if _unit_behind(cell)
    }
    rows: list[list[object]] | None = None
    named = []
    for at in sorted(columns):
        positions = [
            n for n, row in enumerate(grid.rows) if at < len(row) and _unit_behind(row[at])
        ]
        header = _header_above(grid, at, positions[0])
        units = {unit_key(_unit_behind(grid.rows[n][at])) for n in positions}
        if header is None or header in positions or len(units) > 1:
            continue
        text = str(grid.rows[header][at])
        if _has_plain_figures(grid, at, positions[0]) or not _takes(text, *units):
            continue
        rows = rows or [list(row) for row in grid.rows]
        unit = _unit_behind(grid.rows[positions[0]][at])
        rows[header][at] = text if parse_header(text).unit else f"{text}({unit})"
        named.append(f"`{' '.join(text.split())}` ({unit})")
        for position in positions:
            found = _WITH_UNIT.fullmatch(str(grid.rows[position][at]))
            assert found is not None
            rows[position][at] = found.group(1)
    if rows is None:
        return grid
    note = f"the unit stands behind every figure: {', '.join(named)}"
    return replace(grid, rows=rows, notes=(*grid.notes, note))


def _unit_behind(cell: object) -> str:
    """Return the unit behind the figure in a cell; empty where none is."""
    # Most cells end in a digit.
    if not isinstance(cell, str) or cell[-1:].isdigit() or not cell[:1].isdigit():
        return ""
    found = _WITH_UNIT.fullmatch(cell)
    unit = found.groups()[-1] if found else ""
    return unit if unit and is_unit(unit) else ""


def _takes(text: str, unit: str) -> bool:
    """Whether a header is of a series in the unit, or a year, and states no other unit."""
    header = parse_header(text)
    if header.unit:
        return header.unit == unit
    alias = find_alias(YEARBOOK, header)
    if alias is None:
        return year_of(text) is not None
    table = contract()[YEARBOOK]
    dimension = table.column(alias.column).dimension if alias.column in table.names else ""
    return find_unit(dimension, unit) is not None


def _is_signed(cell: object) -> bool:
    return isinstance(cell, str) and cell.endswith(_ENDS) and _SIGNED.fullmatch(cell) is not None


def _header_above(grid: Grid, at: int, first: int) -> int | None:
    """Position of the nearest text or year above the figures of a column."""
    for position in range(first - 1, -1, -1):
        cell = grid.rows[position][at] if at < len(grid.rows[position]) else None
        if year_of(cell) is not None or (is_text(cell) and not _NUMBER.fullmatch(str(cell))):
            return position
    return None


def _has_plain_figures(grid: Grid, at: int, first: int) -> bool:
    cells = [row[at] for row in grid.rows[first:] if at < len(row)]
    return any(
        (isinstance(cell, int | float) and not isinstance(cell, bool))
        or (isinstance(cell, str) and _NUMBER.fullmatch(cell) is not None)
        for cell in cells
    )
