"""Wide sheets: one row per key, one column per series."""

from __future__ import annotations

from collections import Counter

from urban_resilience.intake.aliases import CITY_NAME
from urban_resilience.intake.grid import is_blank
from urban_resilience.intake.match import match_columns
from urban_resilience.intake.parts import scope_of_part
from urban_resilience.intake.rows import ROW, Row, SheetRows
from urban_resilience.intake.sheet_reader import SheetReader


class WideSheet(SheetReader):
    """One row per city and year, one column per series."""

    def sheet(self) -> SheetRows:
        """Turn the sheet into rows."""
        known = self.recognized
        matches = match_columns(
            self.table, known.headers, self.columns(), known.sheet_unit, known.sheet_scope,
            known.year, known.titles,
        )  # fmt: skip
        plain = [
            (match, self.table.column(match.target).data_type)
            for match in matches.matched
            if match.target in self.table.names
            and match.target not in ("city_code", CITY_NAME, "year")
        ]
        year_position = matches.position("year")
        rows = []
        changed: Counter[str] = Counter()
        for position in self.kept:
            values = self.city(position, matches)
            if "year" in self.table.names:
                values["year"] = self.year(position, year_position)
            for match, data_type in plain:
                values[match.target] = self.value(
                    position, match.position, match.target, data_type, match.conversion
                )
            if position in self.parts and (what := scope_of_part(self.table, values)):
                changed[what] += 1
            self._check_width(position)
            rows.append(Row(values, self.grid.source, position + 1))
        notes = [*self.notes(), *(f"{count:,} rows: {what}" for what, count in changed.items())]
        if "year" in self.table.names and year_position is None:
            of = f" (the yearbook {known.volume} prints the year before)" if known.volume else ""
            notes.append(f"year {known.year} from the title of the sheet or file{of}")
        return SheetRows(
            self.table.name, self.grid, known, rows, self.unreadable, matches.matched,
            list(matches.ignored), list(matches.faults), notes, len(rows),
        )  # fmt: skip

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
