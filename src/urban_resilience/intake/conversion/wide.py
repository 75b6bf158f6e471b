"""Wide sheets: one row per key, one column per series."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import numpy as np

from urban_resilience.intake.cells.numbers import IDENTITY, Conversion
from urban_resilience.intake.conversion.misplaced import misplaced_figures
from urban_resilience.intake.conversion.parts import scope_of_part
from urban_resilience.intake.conversion.rows import ROW, Row, SheetRows
from urban_resilience.intake.conversion.sheet_reader import MEANT_OTHERWISE, SheetReader
from urban_resilience.intake.reading.grid import is_blank
from urban_resilience.intake.recognition.match import Matched, find_position, match_columns
from urban_resilience.intake.recognition.side_columns import (
    find_unit_column,
    only_series,
    unit_text,
    units_of_rows,
)
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, mark_used
from urban_resilience.intake.vocabulary.headers import Header
from urban_resilience.intake.vocabulary.units import unit_key
from urban_resilience.shared.counting import count
from urban_resilience.shared.problems import FileFault

PLAIN_YEAR = 5


class WideSheet(SheetReader):
    """One row per city and year, one column per series."""

    def sheet(self) -> SheetRows:
        """Turn the sheet into rows."""
        known = self.recognized
        scope, of_area, n_left_out = self.take_whole_cities()
        columns = self.columns()
        headers = [
            None if position in self.side_columns else header
            for position, header in enumerate(known.headers)
        ]
        units_at = find_unit_column(self.table, headers, columns)
        by_unit: dict[str, Conversion | str] = {}
        series_at: int | None = None
        faults: list[FileFault] = []
        of_unit: list[str] = []
        if units_at is not None:
            try:
                series_at, by_unit, of_unit = self._units(headers, columns, units_at)
            except FileFault as fault:
                faults.append(fault)
        matches = match_columns(
            self.table, headers, columns, known.sheet_unit, scope or known.sheet_scope,
            known.year, known.titles,
        )  # fmt: skip
        plain = [
            (match, self.table.column(match.target).data_type)
            for match in matches.matched
            if match.target in self.table.names
            and match.target not in ("city_code", CITY_NAME, "year")
        ]
        year_position = matches.position("year")
        for match, data_type in plain:
            if data_type == "double":
                self.note_open_commas(match.position, self.kept, columns[match.position])
        as_read = [
            self.plain_values(columns[match.position], match.position, data_type, match.conversion)
            if match.position != series_at and match.target not in MEANT_OTHERWISE
            else [...] * len(self.kept)
            for match, data_type in plain
        ]
        has_years = "year" in self.table.names
        years: list[object] = [known.year] * len(self.kept)
        if has_years and year_position is not None:
            cells = columns[year_position]
            years = self.plain_values(cells, year_position, "integer", IDENTITY)
            # What is longer than `2014年` may be a date within a year.
            years = [
                ... if isinstance(cell, str | dt.date) and len(str(cell)) > PLAIN_YEAR else year
                for cell, year in zip(cells, years, strict=True)
            ]
        rows = []
        changed: Counter[str] = Counter()
        for at, position in enumerate(self.kept):
            values = self.city(position, matches)
            if has_years:
                year = years[at]
                values["year"] = self.year(position, year_position) if year is ... else year
            for (match, data_type), read in zip(plain, as_read, strict=True):
                if (value := read[at]) is not ...:
                    values[match.target] = value
                    continue
                conversion: Conversion | str = match.conversion
                if match.position == series_at:
                    conversion = by_unit[unit_text(self.cell(position, units_at))]
                if isinstance(conversion, str):
                    cell = self.cell(position, match.position)
                    self.complain(position, match.target, cell, f"'{cell}' {conversion}")
                    values[match.target] = None
                    continue
                values[match.target] = self.value(
                    position, match.position, match.target, data_type, conversion
                )
            if position in self.parts and (what := scope_of_part(self.table, values)):
                changed[what] += 1
            self.check_row(position)
            self._check_width(position)
            rows.append(Row(values, self.grid.source, self.grid.row_number(position)))
        notes = [*of_area, *of_unit, *self.notes()]
        notes += [*(f"{count(n, 'row')}: {what}" for what, n in changed.items())]
        if "year" in self.table.names and year_position is None:
            of = f" (the yearbook {known.volume} prints the year before)" if known.volume else ""
            notes.append(f"year {known.year} from the title of the sheet or file{of}")
        return SheetRows(
            self.table.name, self.grid, known, rows, self.unreadable,
            tuple(replace(m, unit="") if m.position == series_at else m for m in matches.matched),
            list(matches.ignored), [*faults, *matches.faults], notes, len(rows), n_left_out,
            self._misplaced(plain, as_read, rows),
        )  # fmt: skip

    def _misplaced(
        self, plain: list[tuple[Matched, str]], as_read: list[list[object]], rows: list[Row]
    ) -> list[str]:
        """Name figures that stand in columns of others, in the figures as the file has them."""
        if not self.table.row_is_city:
            return []
        columns, names = [], []
        in_file = sorted(zip(plain, as_read, strict=True), key=lambda item: item[0][0].position)
        for (match, data_type), read in in_file:
            if data_type == "double":
                conversion = match.conversion
                figures = np.array([v if isinstance(v, float) else np.nan for v in read])
                columns.append((figures - conversion.offset) / float(conversion.factor))
                names.append(match.header)
        numbers = list(map(self.grid.row_number, self.kept))
        places = [row.values.get("city_code") for row in rows]
        return misplaced_figures(columns, names, numbers, places)

    def _units(
        self, headers: list[Header | None], columns: list[list[object]], units_at: int
    ) -> tuple[int | None, dict[str, Conversion | str], list[str]]:
        """Take the unit of each row from a column of units; the header then needs none.

        Headers and columns are changed for the matching: the column of units is no unknown one, and
        the series has one unit.
        """
        unit_header, headers[units_at] = headers[units_at], None
        if unit_header:
            mark_used(unit_header)
        series_at, alias, header = only_series(self.table, headers)
        named = unit_header.text if unit_header else ""
        if header.unit or (alias.said is not None and alias.said.unit):
            return None, {}, [f"column `{named}` not needed: the unit of `{header.text}` is stated"]
        column = self.table.column(alias.column)
        found = (find_position(self.table.name, headers, n) for n in ("city_code", CITY_NAME))
        cities_at = next((at for at in found if at is not None), series_at)
        by_unit = units_of_rows(
            column, alias, header, columns[units_at], columns[series_at], columns[cities_at]
        )
        usable = [unit for unit, chosen in by_unit.items() if not isinstance(chosen, str)]
        if usable:
            headers[series_at] = replace(header, unit=unit_key(usable[0]))
            # Their sizes were looked at unit by unit.
            pairs = zip(columns[series_at], columns[units_at], strict=True)
            columns[series_at] = [c if unit_text(u) == usable[0] else None for c, u in pairs]
        spelled = ", ".join(sorted(unit for unit in by_unit if unit))
        return series_at, by_unit, [f"`{header.text}`: unit of each row by `{named}` ({spelled})"]

    def _check_width(self, position: int) -> None:
        """List a record with more fields than the header: a delimiter in an unquoted value."""
        n_headers = len(self.grid.rows[self.recognized.header_row])
        extra = [cell for cell in self.grid.rows[position][n_headers:] if not is_blank(cell)]
        if self.grid.format == "csv" and extra:
            self.complain(
                position,
                ROW,
                extra[0],
                "the row has more fields than the header: quote values that hold the delimiter",
            )
