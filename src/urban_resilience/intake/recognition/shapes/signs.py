"""Figures with a sign in every cell: 48%, as Excel writes a share into a text, or 12.3亿元."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.cells.numbers import NUMBER, THOUSANDS
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.intake.vocabulary.contract import YEARBOOK, contract
from urban_resilience.intake.vocabulary.headers import parse_header
from urban_resilience.intake.vocabulary.units import find_unit, is_unit, unit_key

_NUMBER = re.compile(rf"\s*{NUMBER}\s*")
_SIGNED = re.compile(rf"\s*({NUMBER}|{THOUSANDS})\s*([%％]|[^\W\d_a-zA-Z]{{1,6}})\s*")
FIRST_ROWS = 100
PERCENT = "%"


def without_signs(grid: Grid) -> Grid:
    """Put the sign into the header of a column whose figures all have it; the sheet itself if none.

    A column that holds figures without it too, or with another, is left as it is: of those beside
    48% some may be fractions.
    """
    # A sheet has many cells, and such columns show it at once.
    columns = {at for row in grid.rows[:FIRST_ROWS] for at, cell in enumerate(row) if _sign(cell)}
    rows: list[list[object]] | None = None
    of_percent: list[str] = []
    of_units: list[str] = []
    for at in sorted(columns):
        signs = {n: found for n, row in enumerate(grid.rows) if (found := _sign(_at(row, at)))}
        header = _header_above(grid, at, min(signs))
        units = {unit_key(sign) for _, sign in signs.values()}
        if header is None or header in signs or len(units) > 1:
            continue
        text = str(grid.rows[header][at])
        if _has_plain_figures(grid, at, min(signs)) or not _takes(text, *units):
            continue
        rows = rows or [list(row) for row in grid.rows]
        sign = signs[min(signs)][1]
        rows[header][at] = text if parse_header(text).unit else f"{text}({sign})"
        name = f"`{' '.join(text.split())}`"
        if sign == PERCENT:
            of_percent.append(name)
        else:
            of_units.append(f"{name} ({sign})")
        for position, (figure, _) in signs.items():
            rows[position][at] = figure
    if rows is None:
        return grid
    notes = []
    if of_percent:
        notes.append(f"figures with a percent sign read in per cent: {', '.join(of_percent)}")
    if of_units:
        notes.append(f"the unit stands behind every figure: {', '.join(of_units)}")
    return replace(grid, rows=rows, notes=(*grid.notes, *notes))


def _sign(cell: object) -> tuple[str, str] | None:
    """Figure and sign of a cell, a percent sign or a unit; None where it has none."""
    # Most cells end in a digit.
    if not isinstance(cell, str) or cell[-1:].isdigit():
        return None
    found = _SIGNED.fullmatch(cell)
    if found is None:
        return None
    figure, sign = found.groups()[0], found.groups()[-1].replace("％", PERCENT)
    return (figure, sign) if sign == PERCENT or is_unit(sign) else None


def _takes(text: str, unit: str) -> bool:
    """Whether a header is of a series in the unit, or a year, and states no other unit."""
    header = parse_header(text)
    if header.unit or unit == unit_key(PERCENT):
        return header.unit in ("", unit)
    alias = find_alias(YEARBOOK, header)
    if alias is None:
        return year_of(text) is not None
    table = contract()[YEARBOOK]
    dimension = table.column(alias.column).dimension if alias.column in table.names else ""
    return find_unit(dimension, unit) is not None


def _at(row: Sequence[object], at: int) -> object:
    return row[at] if at < len(row) else None


def _header_above(grid: Grid, at: int, first: int) -> int | None:
    """Position of the nearest text or year above the figures of a column."""
    for position in range(first - 1, -1, -1):
        cell = _at(grid.rows[position], at)
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
