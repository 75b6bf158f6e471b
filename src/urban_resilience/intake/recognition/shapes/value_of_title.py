"""A column of 数值 beside places: the title, the sheet or the file names its series."""

from __future__ import annotations

from dataclasses import replace

from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.naming import series_of, titles_of
from urban_resilience.intake.recognition.shapes.sheet_series import series_of_sheet
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, LONG_LAYOUT, find_alias

INDICATOR, VALUE = "indicator", "value"


def value_of_title(grid: Grid) -> list[Grid] | None:
    """Give the one column of values the name of its series; None where it has one of its own.

    Raises
    ------
    Misfit
        Nothing names the series.
    """
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        texts = {at: str(cell) for at, cell in enumerate(cells) if is_text(cell)}
        means = {at: _meaning(text) for at, text in texts.items()}
        if not {CITY_NAME, "city_code"} & set(means.values()):
            continue
        values = [at for at, column in means.items() if column == VALUE]
        if len(values) != 1 or INDICATOR in means.values() or any(map(series_of, texts.values())):
            return None
        at = values[0]
        what = f"`{texts[at]}` is its only column of figures"
        name, place = series_of_sheet(titles_of(grid, position), "", what)
        unit = parse(texts[at]).unit
        header = f"{name}({unit})" if unit and not parse(name).unit else name
        rows = list(grid.rows)
        rows[position] = [header if n == at else cell for n, cell in enumerate(cells)]
        notes = (*grid.notes, f"series `{name}` of `{texts[at]}` from {place}")
        return [replace(grid, rows=rows, notes=notes)]
    return None


def _meaning(text: str) -> str:
    header = parse(text)
    alias = find_alias(YEARBOOK, header) or find_alias(LONG_LAYOUT, header)
    return alias.column if alias is not None else ""
