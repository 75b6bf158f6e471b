"""Long sheets: one row per city, year and indicator."""

from __future__ import annotations

from dataclasses import replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import clean_header
from urban_resilience.intake.conversion.rows import Row, SheetRows
from urban_resilience.intake.conversion.sheet_reader import SheetReader
from urban_resilience.intake.recognition.match import (
    Ignored,
    Matched,
    Matches,
    long_targets,
    match_columns,
    why_left_out,
)
from urban_resilience.intake.recognition.recognize import parse
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, find_alias, mark_used, nearest
from urban_resilience.intake.vocabulary.units import COUNT, find_unit, is_unit
from urban_resilience.shared.counting import count
from urban_resilience.shared.problems import FileFault

_CITY = parse("城市")
_RANKS = frozenset(("位", "位次", "名", "名次", "排名", "rank"))


class LongSheet(SheetReader):
    """One row per city, year and indicator."""

    def sheet(self) -> SheetRows:
        """Turn the sheet into rows, one per city and year."""
        known = self.recognized
        scope, of_area, n_left_out = self.take_whole_cities()
        self._scope = scope or known.sheet_scope
        present = [header or parse("") for header in known.headers]
        places = long_targets(present)
        for position in places.values():
            mark_used(present[position])
        key_headers = [
            None if position in (*places.values(), *self.side_columns) else header
            for position, header in enumerate(known.headers)
        ]
        columns = self.columns()
        keys = match_columns(self.table, key_headers, columns)
        # They are used here, though they head no series.
        unheaded = {f"column {position + 1}" for position in places.values()}
        beside = [item for item in keys.ignored if item.header not in unheaded]
        series, ignored, faults, matched = self._series(places, keys)
        rows: dict[tuple, Row] = {}
        origin: dict[tuple, int] = {}
        for position in self.kept:
            match = series.get(self._series_key(position, places))
            if match is None:
                continue
            before = len(self.unreadable)
            values = self.city(position, keys)
            values["year"] = self.year(position, keys.position("year"))
            whole = all(values.get(name) is not None for name in self.table.grain)
            key = tuple(values.get(name) for name in self.table.grain) if whole else (position,)
            place = self.grid.row_number(position)
            row = rows.setdefault(key, Row(values, self.grid.source, place))
            value = self.value(position, places["value"], match.target, "double", match.conversion)
            self.check_row(position)
            self._to_row_of_table(before, row.source_row, position)
            if (*key, match.target) in origin:
                self._second_value(row, match.target, value, position, origin[*key, match.target])
            else:
                origin[*key, match.target] = position
                row.values[match.target] = value
        notes = [*of_area, *self.notes(), f"{count(len(self.kept), 'row')} of one figure each"]
        return SheetRows(
            self.table.name, self.grid, known, list(rows.values()), self.unreadable,
            (*keys.matched, *matched), [*beside, *ignored], [*keys.faults, *faults],
            notes, len(rows), n_left_out,
        )  # fmt: skip

    def _series_key(self, row: int, places: dict[str, int]) -> tuple[str, str]:
        unit = self.cell(row, places.get("unit"))
        return str(self.cell(row, places["indicator"])), str(unit or "").strip()

    def _series(
        self, places: dict[str, int], keys: Matches
    ) -> tuple[dict[tuple[str, str], Matched], list[Ignored], list[FileFault], list[Matched]]:
        """Match every indicator (with its unit) with a column of the contract."""
        groups: dict[tuple[str, str], list[int]] = {}
        for row in self.kept:
            groups.setdefault(self._series_key(row, places), []).append(row)
        series: dict[tuple[str, str], Matched] = {}
        ignored: list[Ignored] = []
        faults: list[FileFault] = []
        matched: list[Matched] = []
        spelled: dict[str, str] = {}
        for (indicator, unit), rows in groups.items():
            header = parse(indicator, f"({unit})" if unit else None)
            alias = find_alias(self.table.name, header)
            if left_out := why_left_out(header, self.table):
                ignored.append(Ignored(indicator, f"{left_out}, {count(len(rows), 'row')}"))
                continue
            if is_missing(indicator) or alias is None or alias.column in self.table.grain:
                close = nearest(self.table.name, indicator)
                hint = f"; nearest: {', '.join(close)}" if close else ""
                ignored.append(
                    Ignored(indicator, f"unknown indicator, {count(len(rows), 'row')}{hint}")
                )
                continue
            if why := self._why_no_unit(indicator, unit, alias.column):
                ignored.append(Ignored(indicator, f"{why}, {count(len(rows), 'row')}"))
                continue
            cells = [self.cell(row, places["value"]) for row in rows]
            self.note_open_commas(places["value"], rows, cells)
            cities = [self.cell(row, self._city_position(keys)) for row in rows]
            found = match_columns(
                self.table, [header, _CITY], [cells, cities], self.recognized.sheet_unit,
                self._scope, self.recognized.year,
            )  # fmt: skip
            faults += found.faults
            ignored += [Ignored(item.header, item.reason) for item in found.ignored]
            for match in found.matched:
                if match.target == CITY_NAME:
                    continue
                series[indicator, unit] = match
                matched.append(replace(match, unit="") if unit else match)
                other = spelled.setdefault(match.target, clean_header(header.text))
                if other != clean_header(header.text):
                    faults.append(
                        FileFault(
                            f"indicators `{other}` and `{header.text}` both read as "
                            f"`{match.target}`.",
                            "Delete one, or rename the one that is another series.",
                        )
                    )
        return series, ignored, faults, matched

    def _why_no_unit(self, indicator: str, unit: str, target: str) -> str:
        """Say why figures are not in the unit of their row; empty where they are, or have none."""
        dimension = self.table.column(target).dimension
        if is_missing(unit) or not dimension:
            return ""
        if clean_header(unit) in _RANKS:
            return f"ranks (`{unit}`), no figures"
        if dimension != COUNT and not is_unit(unit):
            return f"its unit `{unit}` is not known (seed unit_conversions)"
        own = parse(indicator).unit
        named, stated = find_unit(dimension, own), find_unit(dimension, unit)
        if named and stated and (named.factor, named.offset) != (stated.factor, stated.offset):
            return f"its name says `{own}` and its row `{unit}`: correct one of them"
        return ""

    def _city_position(self, keys: Matches) -> int | None:
        code = keys.position("city_code")
        return keys.position(CITY_NAME) if code is None else code

    def _to_row_of_table(self, before: int, row: int, position: int) -> None:
        """Attach new complaints to the row of the table that the figure belongs to."""
        self.unreadable[before:] = [
            replace(
                cell, source_row=row, reason=f"row {self.grid.row_number(position)}: {cell.reason}"
            )
            for cell in self.unreadable[before:]
        ]

    def _second_value(
        self, row: Row, target: str, value: object, position: int, first: int
    ) -> None:
        """Accept the same figure twice; two different figures make neither certain."""
        if value == row.values.get(target):
            return
        here, there = self.grid.row_number(position), self.grid.row_number(first)
        reason = f"row {here} says {value}, row {there} {row.values.get(target)}"
        self.complain(first, target, value, reason)
        self.unreadable[-1] = replace(self.unreadable[-1], source_row=row.source_row)
        row.values[target] = None
