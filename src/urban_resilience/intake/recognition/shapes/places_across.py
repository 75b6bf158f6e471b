"""Places across: a column for each city, years or indicators down, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.reading.remarks import listed
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.naming import (
    is_number,
    is_place,
    series_of,
    titles_of,
)
from urban_resilience.intake.recognition.shapes.sheet_series import (
    series_of_sheet,
    unit_of_sheet,
)
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import LONG_LAYOUT, find_alias
from urban_resilience.intake.vocabulary.cities import code_in
from urban_resilience.intake.vocabulary.places import (
    CITY,
    FORMER,
    place_of_code,
    places_named,
)
from urban_resilience.intake.vocabulary.units import is_unit
from urban_resilience.shared.counting import count

FEWEST_CITIES, CODE_LENGTH = 2, 6
CITY_HEADER, YEAR, INDICATOR, UNIT, VALUE = "城市", "年份", "指标", "单位", "数值"


@dataclass(frozen=True)
class _Header:
    """Where the places stand: columns to places, and to series where a row names them too."""

    row: int
    data_start: int
    places: dict[int, str]
    stubs: dict[int, str]

    @property
    def top(self) -> int:
        """Row above which titles stand."""
        return min(self.row, self.data_start - (2 if self.stubs else 1))


@dataclass
class _Keys:
    """What the columns beside the places are."""

    year: int | None = None
    indicator: int | None = None
    unit: int | None = None
    corner: str = ""


def places_across(grid: Grid) -> list[Grid] | None:
    """Turn a sheet with places as headers into rows of one place each."""
    header = _find_header(grid)
    if header is None:
        return None
    keys, left_out = _keys(grid, header)
    if keys.year is None and keys.indicator is None:
        return None
    return [_turned(grid, header, keys, left_out)]


def _find_header(grid: Grid) -> _Header | None:
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        texts = {at: str(cell) for at, cell in enumerate(cells) if not is_blank(cell)}
        places = {at: text for at, text in texts.items() if is_place(text) or _is_code(text)}
        cities = {text for text in places.values() if _is_city(text)}
        n_others = len(texts) - len(places)
        first = next(iter(places), 0)
        if len(cities) < FEWEST_CITIES or n_others > len(places) or first == 0:
            continue
        if not any(is_number(text) for at, text in texts.items() if at not in places):
            header = _with_stubs(grid, position, places)
            return header if _holds_figures(grid, header) else None
    return None


def _is_code(text: str) -> bool:
    digits = code_in(text)
    return digits is not None and len(digits) == CODE_LENGTH and place_of_code(digits) is not None


def _is_city(text: str) -> bool:
    digits = code_in(text)
    place = place_of_code(digits) if digits else None
    found = places_named(text) if place is None else (place,)
    return len(found) == 1 and found[0].kind in (CITY, FORMER)


def _with_stubs(grid: Grid, position: int, places: dict[int, str]) -> _Header:
    """Read a second row of headers that names the series, under the places or above them."""
    first = min(places)
    below = grid.rows[position + 1] if position + 1 < len(grid.rows) else []
    under = {at: str(cell) for at, cell in enumerate(below) if at >= first and is_text(cell)}
    if under and all(series_of(text) is not None or at in places for at, text in under.items()):
        known = [text for text in under.values() if series_of(text) is not None]
        if len(known) * 2 > len(under):
            # The place of a merged header holds for the columns behind it.
            spread = {at: places[max(p for p in places if p <= at)] for at in under}
            return _Header(position, position + 2, spread, under)
    above = grid.rows[position - 1] if position else []
    stubs: dict[int, str] = {}
    current = ""
    for at in range(first, max(places) + 1):
        cell = above[at] if at < len(above) else None
        current = str(cell) if is_text(cell) else current
        if at in places and current:
            stubs[at] = current
    is_whole = len(stubs) == len(places) and len(set(stubs.values())) > 1
    if not is_whole or not any(map(series_of, stubs.values())):
        stubs = {}
    return _Header(position, position + 1, places, stubs)


def _holds_figures(grid: Grid, header: _Header) -> bool:
    figures = others = 0
    for _, cells in grid.filled_rows(header.data_start):
        for at in header.places:
            cell = cells[at] if at < len(cells) else None
            if is_missing(cell):
                continue
            figures, others = figures + is_number(cell), others + (not is_number(cell))
    return figures > others


def _keys(grid: Grid, header: _Header) -> tuple[_Keys, list[tuple[str, str]]]:
    keys, left_out = _Keys(), []
    rows = [cells for _, cells in grid.filled_rows(header.data_start)]
    width = max(map(len, rows), default=0)
    for at in range(max(width, len(grid.rows[header.row]))):
        if at in header.places:
            continue
        cells = [row[at] for row in rows if at < len(row) and not is_missing(row[at])]
        heads = (grid.rows[n] for n in range(header.top, header.data_start))
        names = (row[at] if at < len(row) else None for row in heads)
        text = next((str(name) for name in names if is_text(name)), "")
        if not cells:
            continue
        parsed = parse(text)
        alias = find_alias(YEARBOOK, parsed) if text else None
        long = find_alias(LONG_LAYOUT, parsed) if text else None
        years = [year_of(cell) for cell in cells]
        is_year = sum(year is not None for year in years) * 2 > len(years)
        if keys.year is None and (is_year or (alias is not None and alias.column == "year")):
            keys.year = at
        elif keys.unit is None and (
            (long is not None and long.column == "unit") or all(map(is_unit, cells))
        ):
            keys.unit = at
        elif keys.indicator is None and (
            (long is not None and long.column == "indicator") or any(map(series_of, cells))
        ):
            keys.indicator = at
        else:
            left_out.append((text or f"column {at + 1}", "no place, and places are its neighbours"))
        if text and not keys.corner and at < min(header.places):
            keys.corner = text
    return keys, left_out


def _turned(grid: Grid, header: _Header, keys: _Keys, left_out: Sequence[tuple[str, str]]) -> Grid:
    notes = [f"{count(len(set(header.places.values())), 'place')} across put into rows"]
    series: list[str]
    if header.stubs:
        series = list(dict.fromkeys(header.stubs.values()))
    elif keys.indicator is not None:
        series = [VALUE]
    else:
        titles = titles_of(grid, header.top)
        name, place = series_of_sheet(titles, keys.corner, "places are its headers")
        notes.append(f"series `{name}` from {place}")
        unit = unit_of_sheet(grid, header.top, name, (keys.corner,))
        if unit:
            notes.append(f"unit `{unit}` from the header or a title")
            name = f"{name}({unit})"
        series = [name]
    by_place: dict[str, dict[str, int]] = {}
    for at, place in header.places.items():
        name = header.stubs.get(at, series[0])
        while name in by_place.get(place, {}):
            # Two columns of one place: two rows, which the build tells from each other or refuses.
            place += " "
        by_place.setdefault(place, {})[name] = at
    kept = [(keys.year, YEAR), (keys.indicator, INDICATOR), (keys.unit, UNIT)]
    columns = [(at, text) for at, text in kept if at is not None]
    rows, origins, repeated, idle = [], [], set(), []
    for position, cells in grid.filled_rows(header.data_start):
        if all(is_missing(_at(cells, at)) for at in header.places):
            idle.append(position)
            continue
        for place, of_place in by_place.items():
            places = [of_place.get(name) for name in series]
            key = [_at(cells, at) for at, _ in columns]
            rows.append([place.strip(), *key, *(_at(cells, at) for at in places)])
            origins.append(grid.row_number(position))
            repeated |= {
                (header.top + len(rows), 1 + len(key) + n)
                for n, at in enumerate(places)
                if at is not None and (position, at) in grid.repeated
            }
    above = grid.rows[: header.top]
    if idle:
        numbers = listed(map(grid.row_number, idle))
        notes.append(
            f"{count(len(idle), 'row')} without figures left out (headings, remarks): {numbers}"
        )
    head: list[object] = [CITY_HEADER, *(text for _, text in columns), *series]
    return replace(
        grid,
        rows=[*above, head, *rows],
        origins=(
            *map(grid.row_number, range(len(above))), grid.row_number(header.row), *origins,
        ),
        repeated=frozenset(repeated),
        notes=(*grid.notes, "; ".join(notes)),
        left_out=(*grid.left_out, *left_out),
    )  # fmt: skip


def _at(cells: Sequence[object], at: int | None) -> object:
    return None if at is None or at >= len(cells) else cells[at]
