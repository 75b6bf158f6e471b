"""Units stated between rows of data: what stands below is in another unit than the header says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from urban_resilience.intake.cells.text import clean_header, key
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import parse
from urban_resilience.intake.recognition.shapes.naming import is_number, is_place, series_of
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.units import is_unit, unit_key

_STATED = re.compile(r"(?:单位|\bunits?\b)\s*[:(为是]?\s*(?:is|are|in)?\s*([^,;)。]+)")
DIGITS_OF_YEAR = 4
_REMEDY = "Write a header with its units above the rows below it"


def unit_stated(text: str) -> str:
    """Return the unit that a line states (`单位：万元`), empty where it states none."""
    plain = clean_header(text)
    found = _STATED.search(plain)
    if found is not None:
        return unit_key(found[1]) if is_unit(found[1]) else found[1].strip()
    inside = plain.strip("()")
    return unit_key(inside) if inside != plain and is_unit(inside) else ""


def is_row_of_units(cells: Sequence[object]) -> bool:
    """Whether units and nothing else stand in several cells of a row."""
    filled = [cell for cell in cells if not is_blank(cell)]
    return len(filled) > 1 and all(
        is_text(cell) and is_unit(cell) and not is_number(cell) for cell in filled
    )


def with_open_units(grid: Grid, header: int) -> Grid:
    """Refuse the rows of one table below a line that states units other than those above it.

    Parameters
    ----------
    grid
        A sheet, or one table of it.
    header
        Position of the row that names its columns.
    """
    named = {at: series_of(cell) for at, cell in enumerate(grid.rows[header])}
    above: set[str] = set()
    refused: dict[int, str] = {}
    reason = ""
    has_data = False
    for position, cells in grid.filled_rows():
        if position > header and any(map(_is_figure, cells)):
            has_data = True
            if reason:
                refused[grid.row_number(position)] = reason
            continue
        stated = _units_of(cells, named)
        if not has_data:
            above |= stated | _units_of_headers(cells)
        elif stated and not stated <= above:
            line = " ".join(dict.fromkeys(str(cell) for cell in cells if not is_blank(cell)))[:40]
            reason = (
                f"row {grid.row_number(position)} says `{line}` between the rows: in which unit "
                f"those below it are is open. {_REMEDY}"
            )
    return replace(grid, refused={**grid.refused, **refused}) if refused else grid


def _is_figure(cell: object) -> bool:
    """Whether a cell is a number and no year; codes and names are the first of most rows."""
    if isinstance(cell, str) and cell.isdecimal() and len(cell) != DIGITS_OF_YEAR:
        return True
    if isinstance(cell, float):
        return not cell.is_integer() or year_of(cell) is None
    return not is_blank(cell) and is_number(cell) and year_of(cell) is None


def _units_of_headers(cells: Sequence[object]) -> set[str]:
    return {header.unit for cell in cells if is_text(cell) and (header := parse(cell)).unit}


def _units_of(cells: Sequence[object], named: Mapping[int, str | None]) -> set[str]:
    """Units that a row without figures states of the columns; none where it names places."""
    filled = {at: str(cell) for at, cell in enumerate(cells) if not is_blank(cell)}
    texts = list(filled.values())
    if any(not is_text(text) or (is_place(text) and not is_unit(text)) for text in texts):
        return set()
    if len(set(map(key, texts))) == 1 and (unit := unit_stated(texts[0])):
        return {unit}
    found = {unit_key(text) for text in texts if is_unit(text) and len(texts) > 1}
    # A heading names another series, and stands in another column than that one's figures.
    again = [t for at, t in filled.items() if series_of(t) and series_of(t) == named.get(at)]
    return found | {parse(text).unit for text in again if parse(text).unit}
