"""Years across: one figure per city and year, the years as headers.

The series is named by a column of indicators, a second header row, the header of the cities, a
title, the sheet or the file; the city by a column or, where the rows are indicators, by a title.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from urban_resilience.intake.cells.dates import is_short_year
from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import clean_header
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.melt import Melting, melt, years_in_words
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.recognition.shapes.naming import (
    are_places,
    is_number,
    is_place,
    is_word,
    series_of,
    titles_of,
)
from urban_resilience.intake.recognition.shapes.sheet_series import (
    city_of_sheet,
    series_of_sheet,
    unit_of_sheet,
)
from urban_resilience.intake.recognition.shapes.years import (
    is_part_of_year,
    year_and_unit_of,
    year_of,
)
from urban_resilience.intake.vocabulary.aliases import (
    CITY_NAME,
    LONG_LAYOUT,
    PROVINCE_NAME,
    find_alias,
)
from urban_resilience.intake.vocabulary.places import is_total
from urban_resilience.intake.vocabulary.qualifiers import is_harmless, meanings
from urban_resilience.intake.vocabulary.units import is_unit, unit_key

FEWEST_YEARS = 2
CITY, INDICATOR, UNIT, CODE = "城市", "指标", "单位", "city_code"


@dataclass(frozen=True)
class _Header:
    """Where the years stand: positions of columns to years, and the rows of the header."""

    top: int
    years_row: int
    data_start: int
    years: dict[int, int]
    stubs: dict[int, str]
    unit: str = ""


def years_across(grid: Grid) -> list[Grid] | None:
    """Turn a sheet with years as headers into one row per city and year."""
    header = _find_header(grid)
    if header is None:
        return None
    return [_melted(grid, header)]


def _find_header(grid: Grid) -> _Header | None:
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        found = {at: year_and_unit_of(cell) for at, cell in enumerate(cells)}
        years = {at: year for at, (year, _) in found.items() if year is not None}
        _refuse_parts(cells)
        _refuse_short_years(cells)
        if len(set(years.values())) < FEWEST_YEARS and not _is_one_year(cells, years):
            continue
        header = _header_at(grid, position, cells, years)
        if header is not None and _holds_figures(grid, header):
            return replace(header, unit=_one_unit([found[at][1] for at in years if found[at][1]]))
    return None


def _refuse_parts(cells: Sequence[object]) -> None:
    """Refuse months and quarters as headers, among which 2010-12 is no year."""
    # In a record of data, 2000.5 is a figure.
    has_place = any(is_word(cell) and is_place(cell) for cell in cells)
    parts = [] if has_place else [str(cell) for cell in cells if is_part_of_year(cell)]
    ends = {year for cell in parts if (year := year_of(cell)) is not None}
    if len(parts) > max(1, len(ends)):
        raise Misfit(
            f"its headers are months or quarters ({', '.join(parts[:3])}): figures of whole years "
            "are read"
        )


def _refuse_short_years(cells: Sequence[object]) -> None:
    """Refuse years of two digits: 10年 may be ten years."""
    short = [str(cell) for cell in cells if is_text(cell) and is_short_year(str(cell).strip())]
    named = [text for text in short if not text.strip().isdigit()]
    if len(named) >= FEWEST_YEARS and len(set(named)) == len(named):
        raise Misfit(
            f"its headers are years of two digits ({', '.join(named[:3])}): write all four, as in "
            "2010年"
        )


def _is_one_year(cells: Sequence[object], years: dict[int, int]) -> bool:
    """Whether a row is the header of cities and one year: it names the cities."""
    if len(years) != 1:
        return False
    texts = [cell for at, cell in enumerate(cells) if at not in years and is_text(cell)]
    targets = {alias.column for text in texts if (alias := find_alias(YEARBOOK, parse(text)))}
    return CITY_NAME in targets and "year" not in targets and not any(map(series_of, texts))


def _one_unit(units: list[str]) -> str:
    """Return the unit that stands in brackets behind the years.

    Raises
    ------
    Misfit
        Where they differ.
    """
    keys = dict.fromkeys(map(unit_key, units))
    if len(keys) > 1:
        raise Misfit(f"its years are in several units ({', '.join(dict.fromkeys(units))})")
    return units[0] if units else ""


def _header_at(
    grid: Grid, position: int, cells: Sequence[object], years: dict[int, int]
) -> _Header | None:
    """Return the header whose years stand in a row; None where the row is one of data."""
    others = {at: cell for at, cell in enumerate(cells) if at not in years and not is_blank(cell)}
    first, last = min(years), max(years)
    if first == 0 or any(
        # Behind the years a total heads a column.
        not is_word(cell) or (is_place(cell) and not (at > last and is_total(cell)))
        for at, cell in others.items()
    ):
        return None
    below = grid.rows[position + 1] if position + 1 < len(grid.rows) else []
    if stubs := _stubs_below(cells, years, below):
        return _Header(position, position, position + 2, _filled(years, stubs), stubs)
    above = grid.rows[position - 1] if position else []
    stubs = _stubs_above(years, above)
    if len(set(years.values())) < len(years) and not stubs:
        return None
    return _Header(position - 1 if stubs else position, position, position + 1, years, stubs)


def _stubs_above(years: dict[int, int], above: Sequence[object]) -> dict[int, str]:
    """Names of series in the row above the years; one that spans the sheet is its title."""
    stubs: dict[int, str] = {}
    current = ""
    for at in range(min(years), max(years) + 1):
        cell = above[at] if at < len(above) else None
        current = str(cell) if is_text(cell) else current
        if at in years and current:
            stubs[at] = current
    names = set(stubs.values())
    is_whole = len(stubs) == len(years) and len(names) > 1
    return stubs if is_whole and any(map(series_of, names)) else {}


def _stubs_below(
    cells: Sequence[object], years: dict[int, int], below: Sequence[object]
) -> dict[int, str]:
    """Names of series in the row under the years."""
    stubs = {}
    for at, cell in enumerate(below):
        if at >= min(years) and not is_blank(cell):
            is_under_year = at in years or at >= len(cells) or is_blank(cells[at])
            if not is_text(cell) or not is_under_year:
                return {}
            stubs[at] = str(cell)
    is_known = any(map(series_of, stubs.values())) or all(map(_qualifies, stubs.values()))
    return stubs if is_known else {}


def _qualifies(text: str) -> bool:
    """Whether a text says more of a series that stands elsewhere: 总量(亿元), 增速(%), 亿元."""
    if is_number(text) or is_unit(text):
        return not is_number(text)
    name = clean_header(text).split("(")[0]
    return is_harmless(name) or bool(meanings(name))


def _filled(years: dict[int, int], columns: Iterable[int]) -> dict[int, int]:
    """Let a year hold for the columns behind it that have none of their own."""
    return {at: years[max(place for place in years if place <= at)] for at in columns}


def _holds_figures(grid: Grid, header: _Header) -> bool:
    figures = others = 0
    for _, cells in grid.filled_rows(header.data_start):
        for at in header.years:
            cell = cells[at] if at < len(cells) else None
            if is_missing(cell):
                continue
            figures, others = figures + is_number(cell), others + (not is_number(cell))
    return figures > others


def _melted(grid: Grid, header: _Header) -> Grid:
    columns = _Columns(grid, header)
    years = sorted(set(header.years.values()))
    notes = [f"years across ({years_in_words(years)}) put into rows"]
    constants: list[tuple[str, str]] = []
    titles = titles_of(grid, header.top)
    if columns.city is None and columns.code is None:
        city, place = _city_of(titles, columns)
        constants.append((CITY, city))
        notes.append(f"city `{city}` from {place}")
    if header.stubs:
        stubs, found = _named_stubs(header.stubs, titles, columns)
        notes += found
        series: dict[str, dict[int, int]] = {}
        for at, year in header.years.items():
            series.setdefault(stubs[at], {}).setdefault(year, at)
    elif columns.indicator is not None:
        series = {"": _by_year(header)}
    else:
        name, place = series_of_sheet(titles, columns.corner, "years are its headers")
        notes.append(f"series `{name}` from {place}")
        if columns.unit is None:
            above = (columns.corner, columns.unit_above)
            unit = header.unit or unit_of_sheet(grid, header.top, name, above)
            if unit:
                notes.append(f"unit `{unit}` from the header or a title")
                name = f"{name}({unit})"
            series = {name: _by_year(header)}
        else:
            constants.append((INDICATOR, name))
            series = {"": _by_year(header)}
    how = Melting(header.top, header.data_start, columns.kept(), series, constants, columns.city)
    return melt(grid, how, ["; ".join(notes)], columns.left_out)


def _named_stubs(
    stubs: dict[int, str], titles: list[tuple[str, str]], columns: _Columns
) -> tuple[dict[int, str], list[str]]:
    """Put the series of the sheet before stubs that only say more of it, with where it stands."""
    if any(map(series_of, stubs.values())):
        return stubs, []
    name, place = series_of_sheet(titles, columns.corner, "years are its headers")
    full = {}
    for at, text in stubs.items():
        word, bracket, rest = clean_header(text).partition("(")
        full[at] = f"{name}({word.strip()}){bracket}{rest}" if word else f"{name}{bracket}{rest}"
    return full, [f"series `{name}` from {place}"]


def _by_year(header: _Header) -> dict[int, int]:
    return {year: at for at, year in header.years.items()}


class _Columns:
    """What the columns beside the years are."""

    def __init__(self, grid: Grid, header: _Header):
        self.city: int | None = None
        self.code: int | None = None
        self.indicator: int | None = None
        self.unit: int | None = None
        self.corner = ""
        self.unit_above = ""
        self.left_out: list[tuple[str, str]] = []
        self.headers: dict[int, str] = {}
        rows = [cells for _, cells in grid.filled_rows(header.data_start)]
        width = max(len(grid.rows[header.years_row]), len(grid.rows[header.top]))
        for at in range(width):
            if at in header.years:
                continue
            cells = [row[at] for row in rows if at < len(row)]
            names = (grid.rows[n][at] if at < len(grid.rows[n]) else None for n in _rows(header))
            text = next((str(name) for name in names if is_text(name)), "")
            self._learn(at, text, cells)
        if self.indicator == self.city:
            self.indicator = None

    def _learn(self, at: int, text: str, cells: list[object]) -> None:
        if not any(not is_missing(cell) for cell in cells):
            if text and is_unit(text):
                self.unit_above = text
            return
        parsed = parse(text)
        key = find_alias(YEARBOOK, parsed) if text else None
        long = find_alias(LONG_LAYOUT, parsed) if text else None
        role = key.column if key is not None else ""
        if role == "year" and are_places(cells):
            # Of the years across, in the corner: 时间 over names of cities.
            role, text = "", CITY
        if role == "year":
            raise Misfit(f"it has years as headers and a column of years too, `{text}`")
        if role == "city_code" and self.code is None:
            self.code = at
        elif role == PROVINCE_NAME:
            pass
        elif self.city is None and are_places(cells):
            self.city = at
            # The header may be that of the figures: 地区生产总值(亿元) over names of cities.
            self.corner, text = (text, CITY) if role != CITY_NAME else (text, text)
        elif (long is not None and long.column == "unit") or _are_units(cells):
            self.unit, text = at, UNIT
        elif (long is not None and long.column == "indicator") or _are_series(cells):
            if self.indicator is not None:
                self.left_out.append((text or f"column {at + 1}", "a second column of indicators"))
                return
            self.indicator, text = at, INDICATOR
        elif text and series_of(text) is not None:
            self.left_out.append((text, "it names no year, which its neighbours do"))
            return
        self.headers[at] = text or f"column {at + 1}"

    def kept(self) -> list[tuple[int, str]]:
        """Positions and headers of the columns to keep."""
        return sorted(self.headers.items())


def _rows(header: _Header) -> range:
    return range(header.top, header.data_start)


def _are_series(cells: Iterable[object]) -> bool:
    texts = list(dict.fromkeys(str(cell) for cell in cells if is_text(cell)))
    return any(series_of(text) is not None for text in texts)


def _are_units(cells: Iterable[object]) -> bool:
    texts = {str(cell) for cell in cells if not is_missing(cell)}
    return bool(texts) and all(is_unit(text) for text in texts)


def _city_of(titles: list[tuple[str, str]], columns: _Columns) -> tuple[str, str]:
    if columns.indicator is None:
        raise Misfit("years are its headers, but no column names cities or indicators")
    return city_of_sheet(titles, "its rows are indicators and years are its headers")
