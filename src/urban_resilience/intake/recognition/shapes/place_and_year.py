"""A place and a year in one cell, as keys of panels: 石家庄市2010, 130100-2010, 2010_石家庄市."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import half_width
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.naming import is_place, series_of
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, find_alias
from urban_resilience.intake.vocabulary.places import place_of_code

CITY, YEAR = "城市", "年份"
_YEAR = r"((?:19|20)\d\d)年?"
_SIGN = r"[\s_\-—|/,:;.·]*"
_BEHIND = re.compile(rf"(\d{{6}}|.*?\D){_SIGN}{_YEAR}")
_BEFORE = re.compile(rf"{_YEAR}{_SIGN}(\d{{6}}|\D.*)")


def place_and_year(grid: Grid) -> list[Grid] | None:
    """Part the one column that says both where and when, where no other says either."""
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        texts = {at: str(cell) for at, cell in enumerate(cells) if is_text(cell)}
        if not any(map(series_of, texts.values())):
            continue
        means = {
            alias.column
            for text in texts.values()
            if (alias := find_alias(YEARBOOK, parse(text))) is not None
        }
        if "year" in means:
            return None
        rows = [row for _, row in grid.filled_rows(position + 1)]
        for at, text in texts.items():
            keys = [_parted(row[at] if at < len(row) else None) for row in rows]
            if series_of(text) is None and keys and _are_keys(keys, means):
                return [_with_columns(grid, position, at, text)]
        return None
    return None


def _are_keys(keys: Sequence[tuple[str, int] | None], means: set[str]) -> bool:
    """Whether nearly all cells are such keys; a column of cities besides must agree with them."""
    found = [key for key in keys if key is not None]
    # What is left over are remarks below the table.
    return len(found) * 20 >= len(keys) * 19 and not {"city_code", CITY_NAME} & means


def _parted(cell: object) -> tuple[str, int] | None:
    if is_missing(cell):
        return None
    text = half_width(str(cell)).strip()
    if behind := _BEHIND.fullmatch(text):
        place, year = behind.group(1), int(behind.group(2))
    elif before := _BEFORE.fullmatch(text):
        place, year = before.group(2), int(before.group(1))
    else:
        return None
    place = place.strip(" _-—|/,:;.·")
    known = place_of_code(place) if place.isdigit() else is_place(place)
    return (place, year) if known else None


def _with_columns(grid: Grid, header: int, at: int, name: str) -> Grid:
    rows = [list(row) for row in grid.rows]
    width = max(map(len, rows))
    for position, _ in grid.filled_rows(header):
        row = rows[position]
        found = (CITY, YEAR) if position == header else _parted(row[at] if at < len(row) else None)
        row += [None] * (width - len(row))
        row += found or (None, None)
    # The cell as it stood is no series.
    rows = [[cell for n, cell in enumerate(row) if n != at] for row in rows]
    note = f"`{name}` names a place and a year: parted into both"
    return replace(grid, rows=rows, repeated=frozenset(), notes=(*grid.notes, note))
