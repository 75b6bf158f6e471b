"""A pivot table as Excel writes it: a line for each city with its sum, and its years below it."""

from __future__ import annotations

from dataclasses import replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.reading.remarks import is_note, listed
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.naming import is_place, series_of
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.shared.counting import count

CITY, YEAR = "城市", "年份"
FEWEST = 2


def years_below(grid: Grid) -> list[Grid] | None:
    """Give each year the city above it; the lines of the cities themselves are sums."""
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        texts = {at: str(cell) for at, cell in enumerate(cells) if is_text(cell)}
        if not any(map(series_of, texts.values())):
            continue
        means = {a.column for text in texts.values() if (a := find_alias(YEARBOOK, parse(text)))}
        return None if "year" in means else _turned(grid, position)
    return None


def _turned(grid: Grid, header: int) -> list[Grid] | None:
    city = ""
    rows: list[list[object]] = [[CITY, YEAR, *grid.rows[header][1:]]]
    origins = [grid.row_number(header)]
    sums: list[int] = []
    for position, cells in grid.filled_rows(header + 1):
        if is_note(cells):
            continue
        first = cells[0] if cells else None
        year = year_of(first)
        if year is None and not is_place(first):
            return None
        if year is None:
            city = str(first).strip()
            sums.append(position)
        elif not city:
            return None
        else:
            rows.append([city, year, *cells[1:]])
            origins.append(grid.row_number(position))
    # Each city has several years: anything else is a list that happens to name some.
    n_cities = len({row[0] for row in rows[1:]})
    if n_cities < FEWEST or len(rows) - 1 < FEWEST * n_cities:
        return None
    sums = [n for n in sums if any(not is_missing(cell) for cell in grid.rows[n][1:])]
    note = "years below their cities: each year given its city"
    if sums:
        numbers = listed(map(grid.row_number, sums))
        note += f"; {count(len(sums), 'row')} of sums over years left out: {numbers}"
    return [
        replace(
            grid,
            rows=[*grid.rows[:header], *rows],
            origins=(*map(grid.row_number, range(header)), *origins),
            repeated=frozenset(),
            notes=(*grid.notes, note),
        )
    ]
