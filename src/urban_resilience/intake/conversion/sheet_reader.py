"""What reading wide and long sheets has in common: keys, cells, complaints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from urban_resilience.intake.cells.commas import WHY, commas_are_open, is_open
from urban_resilience.intake.cells.dates import is_short_year, within_year, year_in_words
from urban_resilience.intake.cells.numbers import (
    IDENTITY,
    Conversion,
    Unreadable,
    is_missing,
    plain_numbers,
    read_cell,
    to_membership_year,
    to_text,
)
from urban_resilience.intake.cells.text import half_width
from urban_resilience.intake.conversion.parts import SCOPE
from urban_resilience.intake.conversion.rows import ROW, UnreadableCell
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition.finer_rows import county_rows, parts_named
from urban_resilience.intake.recognition.match import Matches
from urban_resilience.intake.recognition.provinces import heading_province, lists_provinces
from urban_resilience.intake.recognition.recognize import LONG, Recognized
from urban_resilience.intake.recognition.row_labels import labelled_rows, what_labels_say
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.recognition.side_columns import find_areas
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, PROVINCE_NAME
from urban_resilience.intake.vocabulary.cities import City, code_in, resolve
from urban_resilience.intake.vocabulary.contract import (
    INDUSTRY,
    LAST_YEAR,
    MEMBERSHIP_YEARS,
    YEARBOOK,
    Table,
)
from urban_resilience.intake.vocabulary.industries import code_of_industry
from urban_resilience.intake.vocabulary.places import MUNICIPALITIES, codes_like_marks
from urban_resilience.shared.counting import count

# Columns whose cells are more than their type says.
MEANT_OTHERWISE = (*MEMBERSHIP_YEARS, INDUSTRY)
# `2009.0` and `2009年度`: what is longer is a date.
LONGEST_YEAR = 6


def _quietly(cell: object, data_type: str) -> object:
    try:
        return read_cell(cell, data_type)
    except Unreadable:
        return ...


class SheetReader:
    """Cells of one recognized sheet; ``kept`` are the positions of its rows of data."""

    def __init__(self, table: Table, grid: Grid, recognized: Recognized, kept: list[int]):
        self.table, self.grid, self.recognized, self.kept = table, grid, recognized, kept
        self.unreadable: list[UnreadableCell] = []
        self.city_notes: Counter[str] = Counter()
        # Rows that were lifted from a county to its city.
        self.parts: set[int] = set()
        # Columns that say something of the figures and are no series.
        self.side_columns: set[int] = set()
        # Cells of which nothing tells whether their comma groups thousands.
        self.open_commas: set[tuple[int, int]] = set()
        self._heading: str | None = None
        self._provinces_at: tuple[int | None, bool] | None = None
        self.width = len(recognized.headers)

    def take_whole_cities(self) -> tuple[str, list[str], int]:
        """Leave rows of a part of a city out where a column tells them from those of whole cities.

        Returns
        -------
        tuple
            The area of the sheet where a column names only one, notes, and how many rows went.
        """
        named, of_counties = self._counties()
        self.kept = [row for row in self.kept if row not in of_counties]
        notes, n_left_out = [], len(of_counties)
        if of_counties:
            notes.append(
                f"{count(n_left_out, 'row')} of counties and districts left out by column `{named}`"
            )
        of_labels = self._other_series()
        notes += of_labels[0]
        n_left_out += of_labels[1]
        areas = find_areas(self.recognized.headers, {row: self.grid.rows[row] for row in self.kept})
        if areas is None:
            return "", notes, n_left_out
        header = self.recognized.headers[areas.position]
        named = f"column `{header.text}`" if header else f"column {areas.position + 1}"
        self.kept = [row for row in self.kept if row not in areas.left_out]
        # It is no unknown column: it has done its work.
        self.side_columns.add(areas.position)
        if areas.left_out:
            rows = count(len(areas.left_out), "row")
            notes.append(f"{rows} of the city proper (市辖区) left out by {named}")
        else:
            notes.append(f"{named}: all rows are of one area")
        return areas.scope, notes, n_left_out + len(areas.left_out)

    def _other_series(self) -> tuple[list[str], int]:
        """Leave rows out that a column of labels makes another series; say so, and how many."""
        if self.table.name != YEARBOOK:
            return [], 0
        headers, rows = self.recognized.headers, {row: self.grid.rows[row] for row in self.kept}
        named, labels = labelled_rows(headers, rows, self.recognized.layout == LONG)
        if not labels:
            return [], 0
        self.kept = [row for row in self.kept if row not in labels]
        self.side_columns.add(
            next(n for n, h in enumerate(headers) if h is not None and h.text == named)
        )
        what = f"{count(len(labels), 'row')} of another series left out by column `{named}`"
        said = what_labels_say(labels.values())
        return [f"{what} ({said}); to keep them, say in columns.csv to ignore it"], len(labels)

    def _counties(self) -> tuple[str, Collection[int]]:
        """Return the header of a column of counties, and the rows that are of one.

        A pilot in a county stays, as one of a part of its city.
        """
        headers, rows = self.recognized.headers, {row: self.grid.rows[row] for row in self.kept}
        named = ""
        found: Collection[int] = ()
        if self.table.name == YEARBOOK:
            named, found = county_rows(headers, rows)
        elif SCOPE in self.table.names:
            named, found = parts_named(self.table.name, headers, rows)
        if found:
            self.side_columns.add(
                next(n for n, h in enumerate(headers) if h is not None and h.text == named)
            )
        if self.table.name != YEARBOOK:
            self.parts.update(found)
            return "", ()
        return named, found

    def cell(self, row: int, position: int | None) -> object:
        """Return a cell; None where the row ends before it."""
        cells = self.grid.rows[row]
        return None if position is None or position >= len(cells) else cells[position]

    def columns(self) -> list[list[object]]:
        """Return the data column by column."""
        rows = [self.grid.rows[row] for row in self.kept]
        if any(len(cells) < self.width for cells in rows):
            ends = [[None] * (self.width - len(cells)) for cells in rows]
            rows = [[*cells, *end] for cells, end in zip(rows, ends, strict=True)]
        columns = [list(column) for column in zip(*rows, strict=False)]
        return columns[: self.width] if rows else [[] for _ in range(self.width)]

    def plain_values(
        self, cells: Sequence[object], position: int, data_type: str, conversion: Conversion
    ) -> list[object]:
        """Read the cells of a column of kept rows at once; ``...`` where `value` has to look."""
        if data_type == "double":
            read: list[object] = list(plain_numbers(cells, conversion))
        else:
            known: dict[tuple[type, object], object] = {}
            read = []
            for cell in cells:
                spelled = type(cell), cell
                if spelled not in known:
                    known[spelled] = _quietly(cell, data_type)
                read.append(known[spelled])
        closer = {row for row, at in self.open_commas if at == position}
        if data_type == "double":
            closer |= {row for row, at in self.grid.repeated if at == position}
        if closer:
            return [
                ... if row in closer else value for row, value in zip(self.kept, read, strict=True)
            ]
        return read

    def complain(self, row: int, column: str, value: object, reason: str) -> None:
        """List a cell that cannot be read."""
        place = self.grid.row_number(row)
        self.unreadable.append(
            UnreadableCell(self.table.name, self.grid.source, place, column, str(value), reason)
        )

    def check_row(self, row: int) -> None:
        """List a row that does not go with its header."""
        reason = self.grid.refused.get(self.grid.row_number(row))
        if reason:
            self.complain(row, ROW, "", reason)

    def note_open_commas(self, position: int, rows: Iterable[int], cells: Sequence[object]) -> None:
        """Note the cells of a column that may be a thousand times what they say."""
        if commas_are_open(cells):
            found = (row for row, cell in zip(rows, cells, strict=True) if is_open(cell))
            self.open_commas.update((row, position) for row in found)

    def city(self, row: int, matches: Matches) -> dict[str, object]:
        """Return code and name of the row's city, where the table has them."""
        if "city_code" not in self.table.names:
            return {}
        code = self._code(self.cell(row, matches.position("city_code")))
        name = to_text(self.cell(row, matches.position(CITY_NAME)))
        province = to_text(self.cell(row, matches.position(PROVINCE_NAME)))
        heading = heading_province(self.grid.rows[row])
        self._heading = heading or self._heading
        if heading is not None and heading not in MUNICIPALITIES:
            return {"city_code": heading + "0000", CITY_NAME: name}
        city = self._resolve(code, name, province, matches.position(CITY_NAME))
        if city.reason and province is None and self._heading is not None:
            # A name that two cities share, under the heading of its province.
            settled = self._resolve(code, name, self._heading, matches.position(CITY_NAME))
            city = city if settled.reason else settled
        if city.reason:
            self.complain(row, "city_code", code if code is not None else name, city.reason)
        if city.part:
            self.parts.add(row)
        if city.note:
            self.city_notes[city.note] += 1
        # A column of names may hold codes: they are no names; and one of codes names.
        label = next((cell for cell in (name, code) if cell and not code_in(cell)), None)
        return {"city_code": city.code, CITY_NAME: label}

    def _resolve(
        self, code: str | None, name: str | None, province: str | None, names_at: int | None
    ) -> City:
        return resolve(
            code,
            name,
            province,
            row_is_city=self.table.row_is_city,
            beside_provinces=self._names_provinces(names_at),
        )

    def _names_provinces(self, position: int | None) -> bool:
        """Whether names of provinces stand in the column of names."""
        if self._provinces_at is None or self._provinces_at[0] != position:
            cells = () if position is None else (self.cell(row, position) for row in self.kept)
            self._provinces_at = position, lists_provinces(cells)
        return self._provinces_at[1]

    def year(self, row: int, position: int | None) -> object:
        """Return the year of a row, from its column or else from the title."""
        if position is None:
            return self.recognized.year
        cell = self.cell(row, position)
        text = half_width(str(cell)).strip()
        year = year_in_words(text)
        if year is None and "(" in text:
            # `2014(初步)`
            year = year_of(text)
        if year is not None:
            return year
        if isinstance(cell, str) and is_short_year(text):
            what = f"'{cell}' names the year by two digits: write it with four"
            self.complain(row, "year", cell, what)
            return None
        if SCOPE not in self.table.names and (what := within_year(text)):
            self.complain(row, "year", cell, f"'{cell}' is {what}: figures of whole years are read")
            return None
        return self.value(row, position, "year", "integer")

    def value(
        self,
        row: int,
        position: int,
        column: str,
        data_type: str,
        conversion: Conversion = IDENTITY,
    ) -> object:
        """Read a cell; null, and listed, where it is not what the column needs."""
        cell = self.cell(row, position)
        try:
            if data_type == "double" and (row, position) in self.grid.repeated:
                raise Unreadable("is one figure for several merged cells")
            if (row, position) in self.open_commas:
                raise Unreadable(WHY)
            if column in MEMBERSHIP_YEARS:
                return self._membership_year(cell, column)
            if column == INDUSTRY:
                return self._industry(cell)
            return read_cell(cell, data_type, conversion)
        except Unreadable as fault:
            self.complain(row, column, cell, f"'{cell}' {fault}")
            return None

    def _code(self, cell: object) -> str | None:
        if isinstance(cell, str) and cell.strip().casefold() in codes_like_marks():
            return cell.strip()
        return to_text(cell)

    def _membership_year(self, cell: object, column: str) -> int | None:
        year = to_membership_year(cell, column == LAST_YEAR)
        if year is None and not is_missing(cell):
            self.city_notes["an end that is open (长期, 至今, ...): still a member"] += 1
        elif year is not None and str(year) not in str(cell):
            self.city_notes[f"a day number of a spreadsheet in `{column}` read as its year"] += 1
        elif year is not None and len(str(cell).strip()) > LONGEST_YEAR:
            self.city_notes[f"a date of `{column}` read as its year"] += 1
        return year

    def _industry(self, cell: object) -> str | None:
        text = to_text(cell)
        code = None if text is None else code_of_industry(text)
        if code is not None and code != text:
            self.city_notes["industry code from the name of the industry"] += 1
            return code
        return text

    def notes(self) -> list[str]:
        """Say of how many rows the place was found in another way than by a code of today."""
        return [f"{count(n, 'row')}: {note}" for note, n in sorted(self.city_notes.items())]
