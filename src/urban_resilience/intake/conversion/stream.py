"""Files too large to hold: DuckDB streams them to Parquet, with bounded memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from urban_resilience.intake.cells import cells_sql
from urban_resilience.intake.conversion.left_members import left_without_a_year
from urban_resilience.intake.conversion.rows import ROW
from urban_resilience.intake.conversion.stream_records import odd_lines
from urban_resilience.intake.reading.path_columns import columns_in_path, with_path_columns
from urban_resilience.intake.reading.read_delimited import DELIMITERS
from urban_resilience.intake.recognition.match import Matched, Matches, match_columns
from urban_resilience.intake.recognition.provinces import lists_provinces
from urban_resilience.intake.recognition.row_labels import labelled_rows
from urban_resilience.intake.recognition.side_columns import find_areas, find_unit_column
from urban_resilience.intake.recognition.sources import Source
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, PROVINCE_NAME
from urban_resilience.intake.vocabulary.cities import resolve
from urban_resilience.intake.vocabulary.contract import (
    LAST_YEAR,
    MEMBERSHIP_YEARS,
    YEARBOOK,
    Table,
    contract,
)
from urban_resilience.intake.vocabulary.mapping import reading
from urban_resilience.intake.vocabulary.places import codes_like_marks
from urban_resilience.shared.counting import count
from urban_resilience.shared.database import connect, name, parquet, path_literal, quote
from urban_resilience.shared.problems import FileFault

MOST_UNREADABLE = 1_000_000
# What DuckDB says where a quoted field holds a line end: it must then read in one thread.
_NOT_IN_PARALLEL = "does not support null_padding in conjunction with quoted new lines"
# Rows that an analyst is shown from a streamed file.
SHOWN = 20
_GIVEN_NAME, _GIVEN_PROVINCE = "given_city_name", "given_province_name"
# Code, name and province as given; the code they come to, and the reason against it.
_Resolved = tuple[str | None, str | None, str | None, str | None, str]


@dataclass(frozen=True)
class Streamed:
    """A streamed file: what became of it, and where its unreadable cells are listed."""

    rows: int
    n_unreadable: int
    unreadable: Path | None
    matches: Matches
    notes: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def stream(source: Source, target: Path, work: Path) -> Streamed:
    """Write one large file as the Parquet file of its table.

    The text is parsed once and in parallel. Row numbers would forbid that, so they are found in a
    second reading, and only where some cell turns out to be unreadable. City codes are resolved by
    their distinct values, from the Parquet file just written.

    Raises
    ------
    FileFault
        Where the file cannot be parsed or more than a million cells are unreadable.
    """
    table = contract()[source.recognized.table]
    with reading(source.grid.source):
        matches = _match(table, source)
    if matches.faults:
        return Streamed(0, 0, None, matches, ())
    with connect(work) as connection:
        try:
            return _Stream(connection, table, source, matches, target, work).convert()
        except duckdb.Error as error:
            if _NOT_IN_PARALLEL not in str(error):
                raise _fault(error) from None
        one_thread = _Stream(connection, table, source, matches, target, work, in_parallel=False)
        try:
            return one_thread.convert()
        except duckdb.Error as error:
            raise _fault(error) from None
        finally:
            one_thread.raw.unlink(missing_ok=True)


def _match(table: Table, source: Source) -> Matches:
    known, grid = source.recognized, source.grid
    rows = grid.rows[known.data_start :]
    columns = [
        [row[position] if position < len(row) else None for row in rows]
        for position in range(len(known.headers))
    ]
    sample = dict(enumerate(rows))
    if (
        find_areas(known.headers, sample)
        or find_unit_column(table, known.headers, columns) is not None
        or (table.name == YEARBOOK and labelled_rows(known.headers, sample, is_long=False)[0])
    ):
        raise FileFault(
            "a column of areas, units or kinds of figures stands beside the figures; the file is "
            "too large for its rows to be told apart.",
            "Write the unit into the header and keep the rows of 全市, or split the file.",
        )
    return match_columns(
        table, known.headers, columns, known.sheet_unit, known.sheet_scope, known.year,
        known.titles, is_sample=True,
    )  # fmt: skip


@dataclass(frozen=True)
class _Stream:
    """One file on its way into the Parquet file of its table."""

    connection: duckdb.DuckDBPyConnection
    table: Table
    source: Source
    matches: Matches
    target: Path
    work: Path
    in_parallel: bool = True

    @property
    def raw(self) -> Path:
        """The file as first written, city codes as given."""
        return self.work / f"{self.table.name}.first.parquet"

    def convert(self) -> Streamed:
        relation = self._relation()
        refused, doubts = self._odd_records()
        # The beginning tells of a large file.
        source = self.source
        doubts += left_without_a_year(source.grid, source.recognized, self.matches.matched)
        self._copy(relation, with_rows=False)
        n_bad_rows = self._scalar(f"select count(source_row) from {self._written()}")
        if n_bad_rows > MOST_UNREADABLE:
            raise FileFault(
                f"{count(n_bad_rows, 'row')} with text where a number is needed.",
                "Check the columns: that many are no accident.",
            )
        mapping, notes = self._resolve_cities()
        contradictions = [row for row in mapping if row[4]]
        unreadable = None
        n_unreadable = 0
        if n_bad_rows or contradictions or refused:
            self._copy(relation, with_rows=True)
            unreadable = self.work / f"{self.table.name}.unreadable.parquet"
            n_unreadable = self._list_unreadable(relation, contradictions, refused, unreadable)
        self._publish(mapping)
        rows = self._scalar(f"select count(*) from {parquet(self.target)}")
        return Streamed(rows, n_unreadable, unreadable, self.matches, notes, tuple(doubts))

    def _odd_records(self) -> tuple[dict[int, str], list[str]]:
        """Rows (from 1) that cannot be used, each with the reason; what else is to be said."""
        if self.source.grid.format == "parquet":
            return {}, []
        return odd_lines(
            self.connection, self._as_utf8(), self._delimiter(), self._width(),
            self.source.skipped_lines,
        )  # fmt: skip

    def _relation(self) -> str:
        """Return the file as a relation of text columns ``c0``, ``c1``, ..."""
        width = self._width()
        options = "" if self.in_parallel else ", parallel = false"
        if self.source.grid.format == "parquet":
            own = parquet(self.source.path, ", file_row_number = true")
            relation = with_path_columns(own, _in_path(self.source))
            columns = ", ".join(
                f"cast({name(str(header))} as varchar) as c{position}"
                for position, header in enumerate(self.source.grid.rows[0])
            )
            return f"(select {columns}, file_row_number + 2 as source_row from {relation})"
        # One column more than the header: what falls into it is listed, not lost.
        columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(width + 1))
        return (
            f"read_csv({path_literal(self._as_utf8())}, header = false, auto_detect = false, "
            f"hive_partitioning = false, skip = {self.source.skipped_lines}, "
            f"delim = {quote(self._delimiter())}, quote = '\"', "
            f"escape = '\"', null_padding = true, columns = {{{columns}}}{options})"
        )

    def _delimiter(self) -> str:
        return next(sign for sign, word in DELIMITERS.items() if word == self.source.grid.delimiter)

    def _width(self) -> int:
        return len(self.source.grid.rows[self.source.recognized.header_row])

    def _as_utf8(self) -> Path:
        """Return the file itself, or a copy in UTF-8: DuckDB reads no GB18030."""
        encoding = self.source.grid.encoding
        if encoding in ("utf-8", "utf-8-sig"):
            return self.source.path
        copy = self.work / f"{self.table.name}.utf8.csv"
        if not copy.exists():
            with (
                self.source.path.open(encoding=encoding, newline="") as original,
                copy.open("w", encoding="utf-8", newline="") as written,
            ):
                while block := original.read(1 << 20):
                    written.write(block)
        return copy

    def _columns(self) -> list[str]:
        """Contract columns as expressions on the text columns."""
        found = {match.target: match for match in self.matches.matched}
        year = self.source.recognized.year
        columns = []
        for column in self.table.columns:
            match = found.get(column.name)
            if match is not None and column.is_number:
                value = f"v{match.position}"
            elif match is not None:
                known = codes_like_marks() if column.name == "city_code" else ()
                value = cells_sql.text(f"c{match.position}", known)
            elif column.name == "year" and year is not None:
                value = str(year)
            else:
                value = "null"
            columns.append(f"cast({value} as {column.data_type}) as {column.name}")
        if CITY_NAME in found and CITY_NAME not in self.table.names:
            position = found[CITY_NAME].position
            columns.append(f"{cells_sql.text(f'c{position}')} as {_GIVEN_NAME}")
        if PROVINCE_NAME in found and "city_code" in self.table.names:
            position = found[PROVINCE_NAME].position
            columns.append(f"{cells_sql.text(f'c{position}')} as {_GIVEN_PROVINCE}")
        return columns

    def _number_matches(self) -> list[Matched]:
        return [
            match
            for match in self.matches.matched
            if match.target in self.table.names and self.table.column(match.target).is_number
        ]

    def _tests(self) -> list[tuple[str, str, str, str]]:
        """Column, cell, test and reason of everything that makes a row unreadable."""
        tests = []
        for match in self._number_matches():
            place = match.position
            # `case` looks at the marks only where there is no number; `and` would look always.
            is_present = cells_sql.present(f"n{place}")
            if match.target == LAST_YEAR:
                is_present += f" and not {cells_sql.is_open_end(f'n{place}')}"
            test = (
                f"case when v{place} is null and c{place} is not null "
                f"then {is_present} else false end"
            )
            data_type = self.table.column(match.target).data_type
            kind = "a number" if data_type == "double" else "a whole number"
            tests.append((match.target, f"c{place}", test, f"is not {kind}"))
        if self.source.grid.format == "csv":
            extra = f"c{self._width()}"
            tests.append((ROW, extra, f"{extra} is not null", "is a field more than the header"))
        return tests

    def _narrowed(self, relation: str) -> str:
        """Add the half-width form and the value of every cell that must be a number.

        In subqueries, so that each is computed once however often it is named.
        """
        narrow, values = [], []
        for match in self._number_matches():
            place, data_type = match.position, self.table.column(match.target).data_type
            narrow.append(f", {cells_sql.half_width(f'c{place}')} as n{place}")
            if match.target in MEMBERSHIP_YEARS:
                value = cells_sql.membership_year(f"n{place}")
            else:
                value = cells_sql.typed(f"n{place}", data_type, match.conversion)
            values.append(f", {value} as v{place}")
        inner = f"(select *{''.join(narrow)} from {relation})"
        return f"(select *{''.join(values)} from {inner})"

    def _copy(self, relation: str, with_rows: bool) -> None:
        bad = " or ".join(f"({test})" for _, _, test, _ in self._tests()) or "false"
        if with_rows:
            place, origin = "source_row", self._numbered(relation)
        elif self.source.grid.format == "parquet":
            place, origin = f"case when {bad} then source_row end", relation
        else:
            place, origin = f"case when {bad} then -1 end", relation
        self.connection.execute(f"set preserve_insertion_order = {str(with_rows).lower()}")
        self.connection.execute(
            f"copy (select {', '.join(self._columns())}, "
            f"{quote(self.source.grid.source)} as source_file, "
            f"cast({place} as bigint) as source_row from {self._narrowed(origin)}) "
            f"to {quote(self.raw)} (format parquet, compression zstd)"
        )
        self.connection.execute("set preserve_insertion_order = false")

    def _numbered(self, relation: str) -> str:
        if self.source.grid.format == "parquet":
            return relation
        first = self.source.recognized.data_start
        return f"(select *, row_number() over () + {first} as source_row from {relation})"

    def _written(self) -> str:
        return parquet(self.raw)

    def _resolve_cities(self) -> tuple[list[_Resolved], tuple[str, ...]]:
        """Distinct codes, names and provinces with what they come to, where that is another code.

        With what an analyst is told of them.
        """
        if "city_code" not in self.table.names:
            return [], ()
        given = self.connection.execute(
            f"select distinct city_code, {self._name_column()}, {self._province_column()} "
            f"from {self._written()}"
        ).fetchall()
        beside_provinces = lists_provinces(city_name for _, city_name, _ in given)
        mapping: list[_Resolved] = []
        notes: dict[str, int] = {}
        for code, city_name, province in given:
            city = resolve(
                code,
                city_name,
                province,
                row_is_city=self.table.row_is_city,
                beside_provinces=beside_provinces,
            )
            if city.reason or city.code != code:
                mapping.append((code, city_name, province, city.code, city.reason))
                notes[city.note or city.reason] = notes.get(city.note or city.reason, 0) + 1
        told = (f"{count(n, 'city code')}: {note}" for note, n in sorted(notes.items()))
        return mapping, tuple(told)

    def _name_column(self) -> str:
        found = self.matches.targets
        if CITY_NAME in self.table.names:
            return CITY_NAME
        return _GIVEN_NAME if CITY_NAME in found else "cast(null as varchar)"

    def _province_column(self) -> str:
        is_given = PROVINCE_NAME in self.matches.targets
        return _GIVEN_PROVINCE if is_given else "cast(null as varchar)"

    def _joined_to(self, table: str) -> str:
        """Join rows of the file with what their city cells come to."""
        given = zip(
            ("city_code", self._name_column(), self._province_column()),
            ("given_code", "given_name", "given_province"),
            strict=True,
        )
        same = " and ".join(
            f"{cell if cell.startswith('cast') else f'written.{cell}'} "
            f"is not distinct from {table}.{column}"
            for cell, column in given
        )
        return f"{table} on {same}"

    def _list_unreadable(
        self,
        relation: str,
        contradictions: list[_Resolved],
        refused: Mapping[int, str],
        path: Path,
    ) -> int:
        self._table_of("contradictions", contradictions)
        numbered = self._narrowed(self._numbered(relation))
        listed = [
            f"select source_row, {quote(column)} as column_name, {cell} as value, "
            f"'''' || {cell} || ''' {reason}' as reason from {numbered} where {test}"
            for column, cell, test, reason in self._tests()
        ]
        listed.append(
            "select source_row, 'city_code', "
            "coalesce(contradictions.given_code, contradictions.given_name), contradictions.reason "
            f"from {self._written()} as written join {self._joined_to('contradictions')}"
            if contradictions
            else "select null, null, null, null where false"
        )
        if refused:
            self.connection.execute(
                "create or replace temp table refused as "
                "select unnest($rows) as source_row, unnest($reasons) as reason",
                {"rows": [*refused], "reasons": [*refused.values()]},
            )
            listed.append(f"select source_row, {quote(ROW)}, '', reason from refused")
        self.connection.execute("set preserve_insertion_order = true")
        self.connection.execute(
            f"copy (select {quote(self.table.name)} as table_name, "
            f"{quote(self.source.grid.source)} as source_file, "
            "cast(source_row as bigint) as source_row, column_name, value, reason "
            f"from ({' union all '.join(listed)})) to {quote(path)} (format parquet)"
        )
        self.connection.execute("set preserve_insertion_order = false")
        return self._scalar(f"select count(*) from {parquet(path)}")

    def _publish(self, mapping: list[_Resolved]) -> None:
        """Put the file in its place, its city codes replaced where they must be."""
        columns = [*self.table.names, "source_file", "source_row"]
        is_as_wanted = self._name_column() != _GIVEN_NAME
        if not mapping and is_as_wanted and self._province_column() != _GIVEN_PROVINCE:
            self.raw.replace(self.target)
            return
        self._table_of("mapping", mapping)
        chosen = ", ".join(
            "case when mapping.is_mapped then mapping.code else written.city_code end as city_code"
            if column == "city_code"
            else f"written.{column}"
            for column in columns
        )
        self.connection.execute(
            f"copy (select {chosen} from {self._written()} as written "
            f"left join {self._joined_to('mapping')}) "
            f"to {quote(self.target)} (format parquet, compression zstd)"
        )

    def _table_of(self, table: str, mapping: list[_Resolved]) -> None:
        self.connection.execute(
            f"create or replace temp table {table} (given_code varchar, given_name varchar, "
            "given_province varchar, code varchar, reason varchar, is_mapped boolean)"
        )
        if mapping:
            self.connection.executemany(
                f"insert into {table} values (?, ?, ?, ?, ?, true)", mapping
            )

    def _scalar(self, query: str) -> int:
        return self.connection.execute(query).fetchall()[0][0]


def _fault(error: Exception) -> FileFault:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return FileFault(f"the file cannot be parsed: {lines[0][:200]}.", "Correct that line.")


def _in_path(source: Source) -> dict[str, str | None]:
    return columns_in_path(source.grid.source, pq.read_schema(source.path).names)
