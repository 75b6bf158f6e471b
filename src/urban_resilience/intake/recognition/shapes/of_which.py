"""Headers that are a part of the one before them: `#第二产业` and `其中：第二产业` beside GDP.

In a column of indicators 第二产业 may stand indented below GDP too.

A yearbook prints a part under a mark and leaves out what the whole has said: what is counted, its
unit and its area.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, parse
from urban_resilience.intake.recognition.shapes.naming import series_of
from urban_resilience.intake.vocabulary.aliases import said_of
from urban_resilience.intake.vocabulary.headers import CITY_PROPER

_BEGINS = tuple("#＃其oOiI ")
MARK = re.compile(r"^\s*(?:[#＃]|其中\s*[:：]?|of which\s*:?|including\s*:)\s*", re.IGNORECASE)
# A column of indicators is not longer; a panel of cities is not searched for one.
MOST_INDICATORS = 1000
# Of output the parts are value added; of another whole, such as taxes, they are not.
_OUTPUT, _VALUE_ADDED = "地区生产总值", "增加值"
# A part of some people may bear the name of all of another kind: residents who are registered.
_PEOPLE = re.compile(r"人口|人数|人员|职工|population|persons|people|employ", re.IGNORECASE)
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]|\n.*", re.DOTALL)


def parts_named(grid: Grid) -> Grid:
    """Give parts the name that they have without the whole; the sheet itself where none is known.

    The whole stands left of its parts in a header, or above them in a column of indicators.
    """
    rows = list(grid.rows)
    named: dict[str, str] = {}
    last = 1 if grid.has_header_first else len(rows)
    for position in range(min(last, HEADER_SEARCH_ROWS)):
        new = _in_line(rows[position], named)
        rows[position] = new if new is not None else rows[position]
    for at in _marked_columns(rows[:MOST_INDICATORS]):
        column = [row[at] if at < len(row) else None for row in rows]
        for position, cell in enumerate(_in_line(column, named) or ()):
            _put(rows, position, at, cell)
    for at in range(2):
        for position, name in _indented(rows[:MOST_INDICATORS], at).items():
            named[str(rows[position][at])] = name
            _put(rows, position, at, name)
    if not named:
        return grid
    said = ", ".join(f"`{mark}` is {name}" for mark, name in named.items())
    return replace(grid, rows=rows, notes=(*grid.notes, f"parts of the series before them: {said}"))


def _marked_columns(rows: Sequence[Sequence[object]]) -> list[int]:
    return sorted({at for row in rows for at, cell in enumerate(row[:2]) if _is_part(cell)})


def _put(rows: list[list[object]], position: int, at: int, cell: object) -> None:
    if at < len(rows[position]) and rows[position][at] is not cell:
        rows[position] = [*rows[position][:at], cell, *rows[position][at + 1 :]]


def _indented(rows: Sequence[Sequence[object]], at: int) -> dict[int, str]:
    """Name the sectors that stand indented below output in a column, by their rows."""
    named: dict[int, str] = {}
    whole = ""
    for position, row in enumerate(rows):
        cell = row[at] if at < len(row) else None
        if not isinstance(cell, str) or not cell.strip():
            continue
        if not cell[0].isspace():
            whole = cell
        elif whole and series_of(whole) == series_of(_OUTPUT) and series_of(cell) is None:
            # Another series that is indented keeps its name, and its unit.
            name = _name(cell.strip(), whole)
            named |= {position: name} if name else {}
    return named


def _in_line(cells: Sequence[object], named: dict[str, str]) -> list[object] | None:
    """Name the parts in a row or column; None where it has none that is known."""
    whole = ""
    made: list[object] | None = None
    for at, cell in enumerate(cells):
        if not is_text(cell):
            continue
        text = str(cell)
        if not _is_part(text):
            whole = text
        elif said_of(parse(text)) is None and not _PEOPLE.search(whole):
            name = _name(MARK.sub("", text), whole)
            if name:
                made = made or list(cells)
                made[at] = named[text] = name
    return made


def _is_part(cell: object) -> bool:
    # Every row is asked: few begin as a mark does.
    if not isinstance(cell, str) or not cell.startswith(_BEGINS):
        return False
    found = MARK.match(cell)
    return found is not None and found.end() < len(cell)


def _name(part: str, whole: str) -> str:
    """Name of a part with the unit and area of its whole; empty where no series has it."""
    own, of_whole, series = parse(part), parse(whole), series_of(whole)
    names = [part]
    if series is not None and series == series_of(_OUTPUT) and own.unit in ("", of_whole.unit):
        bare = _BRACKETS.sub("", part).strip()
        names += [f"{bare}{_VALUE_ADDED}", f"{bare} value added"]
    found = next((name for name in names if series_of(name) not in (None, series)), "")
    if not found:
        return ""
    unit = own.unit or (of_whole.unit if series else "")
    scope = own.scope or (of_whole.scope if series else "")
    area = "" if scope != CITY_PROPER or parse(found).scope else "(市辖区)"
    return found + area + (f"({unit})" if unit and not parse(found).unit else "")
