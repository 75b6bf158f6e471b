"""Exports of databases with a place and a series in each header, and times down: 石家庄:GDP.

Below the header such exports have rows of frequencies, units and sources.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.reading.remarks import listed
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS
from urban_resilience.intake.recognition.shapes.naming import is_province, series_of
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.places import CITY, FORMER, is_total, places_named
from urban_resilience.intake.vocabulary.units import is_unit
from urban_resilience.shared.counting import count

FEWEST = 2
CITY_HEADER, YEAR = "城市", "年份"
_SIGNS = (re.compile(r"\s*[:：]\s*"), re.compile(r"\s*[-_—|]\s*"))
_COUNTRY = re.compile(r"[A-Z]{2}")


def series_of_places(grid: Grid) -> list[Grid] | None:
    """Turn a column for each city and series into rows of one city and year each."""
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        # Rows of data are many: their second cell is no text with a sign in it.
        if not any(is_text(cell) and _SIGNS[0].search(str(cell)) for cell in cells[1:3]) and not (
            any(is_text(cell) and _SIGNS[1].search(str(cell)) for cell in cells[1:3])
        ):
            continue
        pairs = {at: pair for at, cell in enumerate(cells) if at and (pair := _pair(cell))}
        others = [cell for at, cell in enumerate(cells) if at and at not in pairs and is_text(cell)]
        if len(pairs) >= FEWEST and len(others) <= len(pairs) // 4:
            return _turned(grid, position, pairs)
    return None


def _pair(cell: object) -> tuple[str, str] | None:
    """Return the city and the series that a header names; None where it is another."""
    if not is_text(cell):
        return None
    for sign in _SIGNS:
        parts = sign.split(" ".join(str(cell).split()))
        # `CN: GDP: Hebei: Baoding`: the country of all of them.
        if _COUNTRY.fullmatch(parts[0]) or is_total(parts[0]):
            parts = parts[1:]
        if len(parts) < FEWEST:
            continue
        # The longest series first: 地区生产总值:第二产业 is no whole.
        for length in range(len(parts) - 1, 0, -1):
            for series, rest in (
                (parts[:length], parts[length:]),
                (parts[-length:], parts[:-length]),
            ):
                name = " ".join(series)
                if series_of(name) is not None and (place := _city(rest)):
                    return place, name
    return None


def _city(parts: Sequence[str]) -> str:
    """Return the one city that parts name, perhaps behind its province; empty where they do not."""
    *provinces, name = parts if len(parts) == 1 or not is_province(parts[-1]) else parts[::-1]
    if not all(map(is_province, provinces)):
        return ""
    text = ", ".join([name, *provinces])
    found = places_named(text)
    return text if len(found) == 1 and found[0].kind in (CITY, FORMER) else ""


def _turned(grid: Grid, position: int, pairs: dict[int, tuple[str, str]]) -> list[Grid] | None:
    data, between = [], []
    for row, cells in grid.filled_rows(position + 1):
        year = year_of(cells[0])
        if year is None:
            between.append(row)
        else:
            data.append((row, year))
    if not data or any(row > data[0][0] and _has_figures(grid, row, pairs) for row in between):
        return None
    head = [row for row in between if row < data[0][0]]
    units = next((row for row in head if _are_units(grid.rows[row], pairs)), None)
    stated = {at: str(grid.rows[units][at]) if units is not None else "" for at in pairs}
    names = {
        at: f"{series}({unit})" if (unit := stated[at]) else series
        for at, (_, series) in pairs.items()
    }
    series = list(dict.fromkeys(names.values()))
    columns: dict[str, dict[str, int]] = {}
    for at, (place, _) in pairs.items():
        spelled = place
        while names[at] in columns.get(spelled, {}):
            # Two columns of one city: two rows, which the build tells from each other or refuses.
            spelled += " "
        columns.setdefault(spelled, {})[names[at]] = at
    rows: list[list[object]] = []
    origins: list[int] = []
    for row, year in data:
        for place, of_place in columns.items():
            cells = [_at(grid.rows[row], of_place.get(name)) for name in series]
            if not all(map(is_missing, cells)):
                rows.append([place.strip(), year, *cells])
                origins.append(grid.row_number(row))
    notes = [f"{count(len(pairs), 'column')} of a city and a series each put into rows"]
    if units is not None:
        notes.append(f"units from row {grid.row_number(units)}")
    if idle := [row for row in between if row != units]:
        numbers = listed(map(grid.row_number, idle))
        notes.append(f"{count(len(idle), 'row')} without a year left out: {numbers}")
    left_out = [
        (str(cell), "names no city and series, as its neighbours do")
        for at, cell in enumerate(grid.rows[position])
        if at and at not in pairs and is_text(cell)
    ]
    return [
        replace(
            grid,
            rows=[*grid.rows[:position], [CITY_HEADER, YEAR, *series], *rows],
            origins=(*map(grid.row_number, range(position + 1)), *origins),
            repeated=frozenset(),
            notes=(*grid.notes, "; ".join(notes)),
            left_out=(*grid.left_out, *left_out),
        )
    ]


def _at(cells: Sequence[object], at: int | None) -> object:
    return cells[at] if at is not None and at < len(cells) else None


def _has_figures(grid: Grid, row: int, pairs: dict[int, tuple[str, str]]) -> bool:
    return any(not is_missing(_at(grid.rows[row], at)) for at in pairs)


def _are_units(cells: Sequence[object], pairs: dict[int, tuple[str, str]]) -> bool:
    return all(is_unit(_at(cells, at)) for at in pairs)
