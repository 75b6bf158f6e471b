"""Any folder of files to a folder in the raw contract."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from urban_resilience.intake.conversion.combine import combine
from urban_resilience.intake.conversion.link import link, needs_nothing
from urban_resilience.intake.conversion.read_sheet import read_sheet
from urban_resilience.intake.conversion.report import IntakeReport, SourceReport
from urban_resilience.intake.conversion.rows import SheetRows, UnreadableCell
from urban_resilience.intake.conversion.stream import SHOWN, stream
from urban_resilience.intake.conversion.write import write_sources, write_table, write_unreadable
from urban_resilience.intake.reading.path_columns import columns_in_path
from urban_resilience.intake.recognition.mapping_file import (
    idle_rows,
    read_mapping,
    says_nothing_new,
)
from urban_resilience.intake.recognition.match import Ignored, Matched, match_columns
from urban_resilience.intake.recognition.sources import TRUTH, Source, contract_claims, open_folder
from urban_resilience.intake.vocabulary.contract import YEARBOOK, Table, contract
from urban_resilience.intake.vocabulary.mapping import (
    IGNORE,
    MAPPING_FILE,
    Mapping,
    in_force,
    rank_of,
    reading,
    using,
)
from urban_resilience.shared.database import connect, parquet, path_literal, quote
from urban_resilience.shared.problems import FileFault, IntakeError, Problem

UNREADABLE_FILE = "unreadable_cells.parquet"
SOURCES_FILE = "raw_files.parquet"


def prepare(raw_dir: Path | str, out_dir: Path | str) -> IntakeReport:
    """Bring a folder of files into the raw contract.

    Parameters
    ----------
    raw_dir
        Folder with files as people have them; subfolders are searched too.
    out_dir
        Folder to write; what an earlier run left there is removed first.

    Returns
    -------
    IntakeReport

    Raises
    ------
    IntakeError
        With every problem that stops a build, not only the first.
    """
    report = inspect(raw_dir, out_dir)
    if report.problems:
        raise IntakeError(report.problems)
    return report


def inspect(raw_dir: Path | str, out_dir: Path | str) -> IntakeReport:
    """As `prepare`, with the problems in the report instead of raised."""
    return _Intake(Path(raw_dir), Path(out_dir)).run()


class _Intake:
    def __init__(self, raw_dir: Path, out_dir: Path):
        self.raw_dir, self.out_dir = raw_dir, out_dir
        self.work = out_dir / ".work"
        self.tables: dict[str, int] = {}
        self.sources: list[SourceReport] = []
        self.unreadable: list[UnreadableCell] = []
        self.streamed: list[Path] = []
        self.shown: list[UnreadableCell] = []
        self.n_unreadable = 0
        self.problems: list[Problem] = []
        self.unused: list[Ignored] = []

    def run(self) -> IntakeReport:
        if not self.raw_dir.is_dir():
            self.problems.append(
                Problem("", f"there is no folder {self.raw_dir}.", "Set RAW_DATA_DIR to yours.")
            )
            return self._report()
        _empty(self.out_dir, self.raw_dir)
        self.work.mkdir(parents=True)
        try:
            self._read()
            self._require()
            self._write_lists()
        finally:
            shutil.rmtree(self.work, ignore_errors=True)
        truth = self.raw_dir / TRUTH
        if truth.exists():
            shutil.copy2(truth, self.out_dir / TRUTH)
        return self._report()

    def _read(self) -> None:
        try:
            mapping = read_mapping(self.raw_dir)
        except IntakeError as error:
            # The files are still looked at: all faults at once.
            self.problems += error.problems
            mapping = Mapping()
        with using(mapping):
            folder = open_folder(self.raw_dir, self.out_dir)
            self.problems += folder.problems
            self.unused += folder.unused
            for name, sources in contract_claims(folder.sources).items():
                self._table(contract()[name], sources)
        # In a file that is refused, rows may be idle for that reason alone.
        self.problems += idle_rows(mapping, *self._seen(), is_whole=not self.problems)

    def _seen(self) -> tuple[list[str], list[str]]:
        """Names of all files and sheets, and all headers in them."""
        files = [*(s.source_file for s in self.sources), *(item.header for item in self.unused)]
        headers = [header for source in self.sources for header, _ in source.columns]
        headers += [item.header for source in self.sources for item in source.ignored]
        return files, [*headers, *(header for item in self.unused for header in item.headers)]

    def _table(self, table: Table, sources: Sequence[Source]) -> None:
        target = self.out_dir / f"{table.name}.parquet"
        twins = [s for s in sources if s.path.stem == table.name]
        if len({source.path for source in twins}) > len({s.path.parent for s in twins}):
            named = " and ".join(sorted({source.grid.source for source in twins}))
            self.problems.append(
                Problem(
                    "",
                    f"Two files claim to be {table.name}: {named}.",
                    f"Keep one, or say in {MAPPING_FILE} which to `{IGNORE}`.",
                )
            )
            return
        if self._is_folder(table, sources):
            for source in sources:
                part = self.out_dir / source.path.relative_to(self.raw_dir)
                part.parent.mkdir(parents=True, exist_ok=True)
                self._link(table, source, part)
            self.tables[table.name] = sum(s.rows_in for s in self.sources if s.table == table.name)
            return
        if len(sources) > 1 and any(source.is_streamed for source in sources):
            named = ", ".join(source.grid.source for source in sources)
            self.problems.append(
                Problem(
                    "",
                    f"{len(sources)} files claim to be {table.name} ({named}), too large to be "
                    "compared.",
                    f"Put them into one file, or as Parquet into a folder {table.name}/, each with "
                    f"the same columns in the types of the contract ({', '.join(table.keys)} at "
                    "least).",
                )
            )
            return
        only = sources[0] if len(sources) == 1 else None
        if only is not None and only.grid.format == "parquet" and self._fits(only, table):
            self._link(table, only, target)
        elif only is not None and only.is_streamed:
            self._stream(table, only, target)
        else:
            self._rows(table, sources, target)

    def _is_folder(self, table: Table, sources: Sequence[Source]) -> bool:
        """Whether they are parts of one table: Parquet of one form in a folder of its name.

        Parts are not compared with each other: that is left to the judgement of all rows.
        """
        own = self.raw_dir / table.name
        if not all(s.grid.format == "parquet" and own in s.path.parents for s in sources):
            return False
        if table.name == YEARBOOK and not any(source.is_streamed for source in sources):
            # Small: one file more to write, and its cells can be looked at before a build.
            return False
        schemas = [pq.read_schema(source.path).remove_metadata() for source in sources]
        contract_names = {column.name for column in table.columns}
        forms = set()
        for source, schema in zip(sources, schemas, strict=True):
            named = contract_names.intersection(columns_in_path(source.grid.source, ()))
            forms.add((str(schema), len(named - set(schema.names)), len(named)))
        ((_, in_path, above), *others) = forms
        # A single file is taken for the table itself, unless its folders say more than it does.
        # Where they also say what the file does, a build would read all of it from the folders.
        return (
            not others
            and in_path in (0, above)
            and (len(sources) > 1 or bool(in_path))
            and all(self._fits(source, table) for source in sources)
        )

    def _fits(self, source: Source, table: Table) -> bool:
        """Whether a Parquet file can be used as it is, whatever the folder's mapping says."""
        with reading(source.grid.source):
            rows = in_force()
        said = [] if rows is None else [s for s in rows.rows if s.header and not s.is_open]
        return all(says_nothing_new(row, table) for row in said) and needs_nothing(
            source.path, table, source.grid.source
        )

    def _link(self, table: Table, source: Source, target: Path) -> None:
        with reading(source.grid.source):
            matches = match_columns(
                table, source.recognized.headers, _columns(source), source.recognized.sheet_unit
            )
        self._faults(source, matches.faults)
        link(source.path, target)
        with pq.ParquetFile(source.path) as file:
            n_rows = file.metadata.num_rows
        if n_rows == 0:
            self._faults(source, [FileFault("the table has no rows.", "Add the data.")])
        self._add(table, source, n_rows, matches.matched, matches.ignored, (), is_linked=True)

    def _stream(self, table: Table, source: Source, target: Path) -> None:
        try:
            result = stream(source, target, self.work)
        except FileFault as fault:
            self._faults(source, [fault])
            return
        self._faults(source, result.matches.faults)
        if result.unreadable is not None:
            self._add_streamed(result.unreadable, result.n_unreadable)
        matches = result.matches
        self._add(
            table,
            source,
            result.rows,
            matches.matched,
            matches.ignored,
            result.notes,
            doubts=result.doubts,
        )

    def _add_streamed(self, unreadable: Path, count: int) -> None:
        self.streamed.append(unreadable)
        self.n_unreadable += count
        with connect() as connection:
            shown = connection.execute(
                f"select * from {parquet(unreadable)} order by source_row limit {SHOWN}"
            ).fetchall()
        names = ("table_name", "source_file", "source_row", "column_name", "value", "reason")
        self.shown += [UnreadableCell(**dict(zip(names, row, strict=True))) for row in shown]

    def _rows(self, table: Table, sources: Sequence[Source], target: Path) -> None:
        sheets: list[SheetRows] = []
        used: list[Source] = []
        for source in sources:
            sheet = read_sheet(source.grid, source.recognized)
            self._faults(source, sheet.faults)
            why = without_series(table, sheet)
            if why and not sheet.faults:
                # Rows of keys alone would be city-years without a figure.
                self.unused.append(Ignored(source.grid.source, why))
                continue
            sheets.append(sheet)
            used.append(source)
        if not sheets:
            return
        sources = used
        # Combining changes rows of the first sheets, not how many there are.
        ranks = {source.grid.source: rank_of(source.grid.source) for source in sources}
        combined = combine(table, sheets, ranks)
        for source, sheet in zip(sources, sheets, strict=True):
            name = source.grid.source
            self._add(
                table,
                source,
                len(sheet.rows),
                sheet.matched,
                sheet.ignored,
                (*sheet.notes, *combined.notes(name)),
                rows_merged=combined.merged[name],
                rows_left_out=sheet.rows_left_out,
                doubts=sheet.doubts,
            )
        self.problems += combined.problems
        self.unreadable += combined.unreadable
        self.n_unreadable += len(combined.unreadable)
        self.tables[table.name] = len(combined.rows)
        write_table(table, combined.rows, target)

    def _faults(self, source: Source, faults: Sequence[FileFault]) -> None:
        self.problems += [Problem(source.grid.source, fault.what, fault.remedy) for fault in faults]

    def _add(
        self,
        table: Table,
        source: Source,
        n_rows: int,
        matched: Sequence[Matched],
        ignored: Sequence[Ignored],
        notes: Sequence[str],
        rows_merged: int = 0,
        rows_left_out: int = 0,
        is_linked: bool = False,
        doubts: Sequence[str] = (),
    ) -> None:
        known, grid = source.recognized, source.grid
        self.tables[table.name] = n_rows
        converted = [f"{match.header}: {match.note}" for match in matched if match.note]
        self.sources.append(
            SourceReport(
                table=table.name,
                source_file=grid.source,
                format=grid.format,
                encoding=grid.encoding,
                delimiter=grid.delimiter,
                layout=known.layout,
                rows_in=n_rows,
                recognized_by=known.reason,
                columns=tuple((match.header, match.target) for match in matched),
                units=tuple(match.unit for match in matched),
                ignored=tuple(ignored),
                notes=(*converted, *notes),
                # Whole seconds, as DuckDB reports them of files used as they are.
                modified_at=datetime.fromtimestamp(int(source.path.stat().st_mtime), UTC),
                rows_merged=rows_merged,
                rows_left_out=rows_left_out,
                is_linked=is_linked,
                doubts=(*grid.doubts, *doubts),
            )
        )

    def _require(self) -> None:
        for table in contract().values():
            if table.is_required and table.name not in self.tables and not self._is_named(table):
                seen = "; ".join(f"{item.header}: {item.reason}" for item in self.unused[:5])
                self.problems.append(
                    Problem(
                        "",
                        f"no file in {self.raw_dir} is a {table.name}"
                        + (f" ({seen})." if seen else "."),
                        "Add one (`make template` writes a form), or run `make simulate` for "
                        "simulated data.",
                    )
                )

    def _is_named(self, table: Table) -> bool:
        """Whether a problem already says what is wrong with the table's own file."""
        return any(table.name in f"{p.file} {p.what}" for p in self.problems)

    def _write_lists(self) -> None:
        write_sources(self.sources, self.out_dir / SOURCES_FILE)
        write_unreadable(self.unreadable, self.out_dir / UNREADABLE_FILE)
        if self.streamed:
            parts = [self.work / "cells.parquet", *self.streamed]
            (self.out_dir / UNREADABLE_FILE).replace(parts[0])
            listed = ", ".join(path_literal(part) for part in parts)
            with connect(self.work) as connection:
                connection.execute(
                    f"copy (select * from read_parquet([{listed}], hive_partitioning = false)) "
                    f"to {quote(self.out_dir / UNREADABLE_FILE)} (format parquet)"
                )

    def _report(self) -> IntakeReport:
        return IntakeReport(
            raw_dir=self.raw_dir,
            out_dir=self.out_dir,
            tables=dict(self.tables),
            sources=tuple(self.sources),
            unused=tuple(self.unused),
            unreadable=(*self.unreadable, *self.shown),
            n_unreadable=self.n_unreadable,
            problems=tuple(self.problems),
        )


def without_series(table: Table, sheet: SheetRows) -> str:
    """Say why no series of a sheet can be used; empty where one can, or the table has none."""
    series = {column.name for column in table.columns if column.dimension}
    if not series or any(match.target in series for match in sheet.matched) or not sheet.ignored:
        return ""
    reasons = "; ".join(f"{item.header}: {item.reason}" for item in sheet.ignored[:3])
    return f"as {table.name} it has no series that can be used ({reasons})"


def _columns(source: Source) -> list[list[object]]:
    known = source.recognized
    rows = source.grid.rows[known.data_start :]
    return [[row[position] for row in rows] for position in range(len(known.headers))]


def _empty(out_dir: Path, raw_dir: Path) -> None:
    """Remove what an earlier run wrote: our own files only."""
    if out_dir.resolve() == raw_dir.resolve():
        raise IntakeError([Problem("", f"{out_dir} is the raw folder itself.", "Choose another.")])
    out_dir.mkdir(parents=True, exist_ok=True)
    for name in (
        *(f"{table}.parquet" for table in contract()),
        UNREADABLE_FILE,
        SOURCES_FILE,
        TRUTH,
    ):
        (out_dir / name).unlink(missing_ok=True)
    shutil.rmtree(out_dir / ".work", ignore_errors=True)
