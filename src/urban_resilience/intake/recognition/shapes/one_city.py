"""One city a file: years down, series across, the city in a title, the sheet or the file name."""

from __future__ import annotations

from dataclasses import replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.naming import (
    are_places,
    city_named,
    series_of,
    titles_of,
)
from urban_resilience.intake.recognition.shapes.sheet_series import city_of_sheet
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, PROVINCE_NAME, find_alias

CITY = "城市"


def one_city(grid: Grid) -> list[Grid] | None:
    """Add the city that a sheet is named after to each of its rows.

    Raises
    ------
    Misfit
        Where two places name different cities.
    """
    header = _find_header(grid)
    if header is None:
        return None
    titles = titles_of(grid, header)
    if not any(city_named(text) for text, _ in titles):
        return None
    city, place = city_of_sheet(titles, "it has no column of cities")
    width = max(len(cells) for cells in grid.rows)
    rows = [list(cells) for cells in grid.rows]
    for position in range(header, len(rows)):
        if all(map(is_missing, rows[position])) or _is_one_text(rows[position]):
            continue
        rows[position] += [None] * (width - len(rows[position]))
        rows[position].append(CITY if position == header else city)
    return [replace(grid, rows=rows, notes=(*grid.notes, f"city `{city}` from {place}"))]


def _find_header(grid: Grid) -> int | None:
    """Return the row of headers with a year and a series and no place, over years each but once."""
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        texts = {at: str(cell) for at, cell in enumerate(cells) if is_text(cell)}
        means = {
            at: alias.column
            for at, text in texts.items()
            if (alias := find_alias(YEARBOOK, parse(text))) is not None
        }
        if "year" not in means.values() or not any(map(series_of, texts.values())):
            continue
        if {CITY_NAME, PROVINCE_NAME, "city_code"} & set(means.values()):
            return None
        rows = [row for _, row in grid.filled_rows(position + 1)]
        columns = {at: [row[at] for row in rows if at < len(row)] for at in texts}
        if any(are_places(column) for column in columns.values()):
            return None
        year_at = next(at for at, name in means.items() if name == "year")
        years = [year for cell in columns[year_at] if (year := year_of(cell)) is not None]
        return position if years and len(set(years)) == len(years) else None
    return None


def _is_one_text(cells: list[object]) -> bool:
    filled = [cell for cell in cells if not is_missing(cell)]
    return len(filled) == 1 and is_text(filled[0])
