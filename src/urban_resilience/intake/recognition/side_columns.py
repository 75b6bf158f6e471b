"""Columns that say something of the figures beside them: the area they cover, their unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from urban_resilience.intake.cells.numbers import Conversion, is_missing
from urban_resilience.intake.cells.text import clean_header
from urban_resilience.intake.reading.grid import is_text
from urban_resilience.intake.recognition.magnitudes import resolve_unit
from urban_resilience.intake.vocabulary.aliases import (
    LONG_LAYOUT,
    Alias,
    find_alias,
    resolve,
    said_of,
)
from urban_resilience.intake.vocabulary.contract import Column, Table
from urban_resilience.intake.vocabulary.headers import CITY_PROPER, WHOLE_CITY, Header, area_of
from urban_resilience.intake.vocabulary.units import find_unit, is_unit
from urban_resilience.shared.problems import FileFault

_ASKS = re.compile(r"^(?:是否为?|is\b)|(?:与否|dummy|虚拟变量)$")
_UNIT_WORDS = re.compile(r"单位|计量|\bunits?\b")
_MULTIPLE = re.compile(r"[万亿千百]|thousand|[mb]illion", re.IGNORECASE)
_YES, _NO = ("1", "true", "yes", "y", "是"), ("0", "false", "no", "n", "否")


@dataclass(frozen=True)
class Areas:
    """A column that names the area of each row: 全市 or 市辖区, or 是 and 否 under 是否市辖区.

    ``left_out`` are rows of the city proper beside rows of whole cities; ``scope`` is the one area
    of all rows, where there is only one.
    """

    position: int
    left_out: frozenset[int]
    scope: str


def find_areas(
    headers: Sequence[Header | None], rows: Mapping[int, Sequence[object]]
) -> Areas | None:
    """Find a column all cells of which name an area.

    Parameters
    ----------
    headers
        One per column.
    rows
        Cells of each row of data by its position in the sheet.
    """
    for position, header in enumerate(headers):
        # It often has no header: 全市 and 市辖区 beside one merged name.
        cells = _areas(header, position, rows) or _answers(header, position, rows)
        if not cells:
            continue
        found = set(cells.values())
        both = len(found) > 1
        proper = frozenset(row for row, area in cells.items() if area == CITY_PROPER)
        only = WHOLE_CITY if both else found.pop()
        return Areas(position, proper if both else frozenset(), only)
    return None


def _areas(
    header: Header | None, position: int, rows: Mapping[int, Sequence[object]]
) -> dict[int, str]:
    """Area of every row by one column; empty where a cell of it names none.

    Under a header a cell may be blank. It holds what stands above it, as a label that stands once
    for several rows; above the first label, in a column of remarks, it is of the whole city.
    """
    cells: dict[int, str] = {}
    starts_blank, current = False, ""
    for row, values in rows.items():
        cell = _at(values, position)
        area = area_of(cell)
        if not area and (header is None or not is_missing(cell)):
            return {}
        starts_blank |= not cells and not area
        current = area or (WHOLE_CITY if starts_blank else current)
        cells[row] = current
    return cells if CITY_PROPER in cells.values() or not starts_blank else {}


def _answers(
    header: Header | None, position: int, rows: Mapping[int, Sequence[object]]
) -> dict[int, str]:
    """Area of every row by the answers to 是否市辖区; empty for any other column."""
    asked = _ASKS.sub("", clean_header(header.text)) if header is not None else ""
    area = area_of(asked.strip(" _"))
    if not area:
        return {}
    other = WHOLE_CITY if area == CITY_PROPER else CITY_PROPER
    cells = {}
    for row, values in rows.items():
        answer = str(_at(values, position)).strip().lower().removesuffix(".0")
        if answer not in (*_YES, *_NO):
            return {}
        cells[row] = area if answer in _YES else other
    return cells


def find_unit_column(
    table: Table, headers: Sequence[Header | None], columns: Sequence[Sequence[object]]
) -> int | None:
    """Position of a column of units beside wide figures; None where there is none."""
    for position, header in enumerate(headers):
        texts = [cell for cell in columns[position] if not is_missing(cell)]
        if header is not None and _are_units(header, texts):
            return position
        if header is None or find_alias(table.name, header) is not None:
            continue
        alias = find_alias(LONG_LAYOUT, header)
        named = alias is not None and alias.column == "unit"
        if named and texts and sum(is_unit(t) for t in texts if is_text(t)) * 2 > len(texts):
            return position
    return None


def _are_units(header: Header, texts: Sequence[object]) -> bool:
    """Whether a column under any header holds units and nothing else.

    CNY and 美元 may say the currency alone; with 万 or million before them they are units.
    """
    if said_of(header) is not None or not all(map(is_text, texts)):
        return False
    spelled = {str(text).strip() for text in texts}
    names_it = bool(_UNIT_WORDS.search(clean_header(header.text)))
    return bool(spelled) and all(
        is_unit(text) and not text[:1].isdigit() and (names_it or _MULTIPLE.search(text))
        for text in spelled
    )


def units_of_rows(
    column: Column,
    alias: Alias,
    header: Header,
    units: Sequence[object],
    cells: Sequence[object],
    cities: Sequence[object],
) -> dict[str, Conversion | str]:
    """Conversion of each unit in a column of units, or why its figures cannot be used.

    Raises
    ------
    FileFault
        The figures of a unit contradict it by their size.
    """
    found: dict[str, Conversion | str] = {}
    for text in dict.fromkeys(unit_text(unit) for unit in units):
        if not text:
            found[text] = "has no unit in its row"
        elif find_unit(column.dimension, text) is None:
            found[text] = f"is in `{text}`, which does not measure `{column.name}`"
        else:
            places = [i for i, unit in enumerate(units) if unit_text(unit) == text]
            chosen, note = resolve_unit(
                column,
                alias,
                replace(header, unit=text),
                "",
                [cells[i] for i in places],
                len({str(cities[i]) for i in places}),
            )
            found[text] = note if chosen is None else chosen
    return found


def only_series(table: Table, headers: Sequence[Header | None]) -> tuple[int, Alias, Header]:
    """Find the one series that a column of units can be about.

    Raises
    ------
    FileFault
        There are several, or none that it could measure.
    """
    found = []
    for position, header in enumerate(headers):
        known = None if header is None else resolve(table.name, header)
        if known is None or known.alias.column not in table.names:
            continue
        if table.column(known.alias.column).dimension:
            found.append((position, known.alias, known.header))
    if len(found) == 1:
        return found[0]
    named = ", ".join(f"`{header.text}`" for _, _, header in found) or "no known series"
    raise FileFault(
        f"a column of units stands beside {named}: which series it is about is open.",
        "Write the unit into each header, or give each series a sheet of its own.",
    )


def unit_text(cell: object) -> str:
    """Spell a cell of a column of units."""
    return "" if is_missing(cell) else str(cell).strip()


def _at(values: Sequence[object], position: int) -> object:
    return values[position] if position < len(values) else None
