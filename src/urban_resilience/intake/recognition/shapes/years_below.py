"""One column of places and years: a line for each city with its years below, or the other way.

A pivot table of Excel gives each city a line with its sum; a printed table gives each year a line.
"""

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
    """Give each row the city and the year that stand in one column."""
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
    lines = [(n, cells) for n, cells in grid.filled_rows(header + 1) if not is_note(cells)]
    years = {n: year for n, cells in lines if (year := year_of(cells[0])) is not None}
    if len(years) < FEWEST or any(n not in years and not is_place(cells[0]) for n, cells in lines):
        return None
    first = lines[0][0]
    above: object = None
    rows: list[list[object]] = [[CITY, YEAR, *grid.rows[header][1:]]]
    origins = [grid.row_number(header)]
    sums: list[int] = []
    for n, cells in lines:
        is_heading = (n in years) == (first in years)
        if is_heading:
            above = years.get(n, cells[0])
            sums += [n] if any(not is_missing(cell) for cell in cells[1:]) else []
            continue
        pair = (cells[0], above) if first in years else (above, years[n])
        rows.append([*pair, *cells[1:]])
        origins.append(grid.row_number(n))
    # Each heading has several rows: anything else is a list that happens to name some.
    n_headings = len(lines) - (len(rows) - 1)
    if n_headings < FEWEST or len(rows) - 1 < FEWEST * (n_headings - 1):
        return None
    what = "years above their cities" if first in years else "years below their cities"
    note = f"{what}: both put into each row"
    if sums:
        numbers = listed(map(grid.row_number, sums))
        note += f"; {count(len(sums), 'row')} of sums left out: {numbers}"
    return [
        replace(
            grid,
            rows=[*grid.rows[:header], *rows],
            origins=(*map(grid.row_number, range(header)), *origins),
            repeated=frozenset(),
            notes=(*grid.notes, note),
        )
    ]
