"""Columns of years to rows: what years across and stubs with years have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from urban_resilience.intake.cells.numbers import is_missing, to_text
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.reading.remarks import is_note, listed
from urban_resilience.intake.recognition.provinces import heading_province
from urban_resilience.intake.recognition.shapes.naming import is_place
from urban_resilience.intake.vocabulary.cities import resolve
from urban_resilience.intake.vocabulary.places import MUNICIPALITIES
from urban_resilience.shared.counting import count

YEAR, PROVINCE = "年份", "省份"


@dataclass
class Melting:
    """How columns of years become rows.

    Attributes
    ----------
    header_row, data_start
        Positions in the sheet, from 0.
    keys
        Positions of the columns that are kept, with their headers.
    series
        Header of a series to the position of its column in each year; the empty header where all
        figures are of the series that a column of indicators names.
    constants
        Further columns with one value for the whole sheet.
    city_at
        Position of the column of cities, None where a constant names the one city.
    value_header
        Header of the figures where ``series`` has the empty header.
    """

    header_row: int
    data_start: int
    keys: list[tuple[int, str]]
    series: dict[str, dict[int, int]]
    constants: list[tuple[str, str]] = field(default_factory=list)
    city_at: int | None = None
    value_header: str = "数值"

    @property
    def years(self) -> list[int]:
        """All years, in their order."""
        return sorted({year for by_year in self.series.values() for year in by_year})


def melt(
    grid: Grid, how: Melting, notes: Sequence[str], left_out: Sequence[tuple[str, str]] = ()
) -> Grid:
    """Return the sheet with one row per row of the file and year."""
    years, width = how.years, len(grid.rows[how.header_row])
    at_figures = [at for by_year in how.series.values() for at in by_year.values()]
    provinces = _Headings(how)
    rows: list[list[object]] = []
    origins: list[int] = []
    repeated: set[tuple[int, int]] = set()
    idle: list[int] = []
    for position, cells in grid.filled_rows(how.data_start):
        figures = [cells[at] if at < len(cells) else None for at in at_figures]
        if provinces.is_heading(cells, figures) or _says_nothing(cells, figures, how):
            idle.append(position)
            continue
        kept = [cells[at] if at < len(cells) else None for at, _ in how.keys]
        constant = [value for _, value in how.constants]
        # A delimiter within an unquoted value: the reader must see that the row is too long.
        beyond = [cell for cell in cells[width:] if not is_blank(cell)]
        for year in years:
            places = [by_year.get(year) for by_year in how.series.values()]
            figures = [None if at is None or at >= len(cells) else cells[at] for at in places]
            start = len(kept) + len(constant) + 2
            repeated |= {
                (len(rows), start + n)
                for n, at in enumerate(places)
                if at is not None and (position, at) in grid.repeated
            }
            rows.append([*kept, *constant, provinces.of(cells), year, *figures, *beyond])
            origins.append(grid.row_number(position))
    if not any(row[len(how.keys) + len(how.constants)] for row in rows):
        column = len(how.keys) + len(how.constants)
        rows = [row[:column] + row[column + 1 :] for row in rows]
        repeated = {(row, at - 1) for row, at in repeated}
        province = []
    else:
        province = [PROVINCE]
    header: list[object] = [
        *(text for _, text in how.keys),
        *(text for text, _ in how.constants),
        *province,
        YEAR,
        *(name or how.value_header for name in how.series),
    ]
    above = grid.rows[: how.header_row]
    shift = len(above) + 1
    said = [*grid.notes, *notes]
    if idle:
        numbers = listed(map(grid.row_number, idle))
        said.append(
            f"{count(len(idle), 'row')} without figures left out (headings, remarks): {numbers}"
        )
    return replace(
        grid,
        rows=[*above, header, *rows],
        origins=(*(grid.row_number(n) for n in range(len(above))), how.header_row + 1, *origins),
        repeated=frozenset((row + shift, at) for row, at in repeated),
        notes=tuple(said),
        left_out=(*grid.left_out, *left_out),
    )


def years_in_words(years: Sequence[int]) -> str:
    """Spell a list of years; gaps are said."""
    if len(years) < 3 or len(years) == years[-1] - years[0] + 1:
        return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
    gaps = [year for year in range(years[0], years[-1]) if year not in years]
    return f"{years[0]} to {years[-1]} without {', '.join(map(str, gaps))}"


class _Headings:
    """Names of provinces above their cities: they tell which of two cities of a name is meant."""

    def __init__(self, how: Melting):
        self.how, self.current = how, ""

    def is_heading(self, cells: Sequence[object], figures: Sequence[object]) -> bool:
        if not all(map(is_missing, figures)):
            return False
        code = heading_province(cells)
        if code is None or code in MUNICIPALITIES:
            return False
        self.current = next(str(cell).strip() for cell in cells if is_text(cell))
        return True

    def of(self, cells: Sequence[object]) -> str | None:
        """Return the heading where the name of the city needs it."""
        at = self.how.city_at
        if not self.current or at is None or at >= len(cells):
            return None
        name = to_text(cells[at])
        if name is None or not resolve(None, name, row_is_city=True).reason:
            return None
        settled = resolve(None, name, self.current, row_is_city=True)
        return None if settled.reason else self.current


def _says_nothing(cells: Sequence[object], figures: Sequence[object], how: Melting) -> bool:
    """Whether a row is a remark: no figures, and one text that is no place."""
    if not all(map(is_missing, figures)):
        return False
    if is_note(cells):
        return True
    texts = {str(cell) for cell in cells if not is_blank(cell)}
    at = how.city_at
    city = cells[at] if at is not None and at < len(cells) else None
    return len(texts) == 1 and not is_place(city)
