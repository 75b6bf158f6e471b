"""Files of a folder, opened and recognized; large ones only by their beginning."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from urban_resilience.intake.reading.archives import judge_archive
from urban_resilience.intake.reading.code_lists import codes_of, explains, labelled
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.reading.hidden_cells import REMEDY
from urban_resilience.intake.reading.path_columns import columns_in_path
from urban_resilience.intake.reading.read_delimited import (
    DELIMITERS,
    detect_delimiter,
    detect_encoding,
    read_delimited,
)
from urban_resilience.intake.reading.read_frames import read_small_parquet, read_stata
from urban_resilience.intake.reading.read_html import HTML, read_html, written_as_text
from urban_resilience.intake.reading.read_workbook import read_workbook
from urban_resilience.intake.reading.workbook_parts import uncalculated
from urban_resilience.intake.recognition.finer_rows import why_finer
from urban_resilience.intake.recognition.io_currencies import FLOWS, mixed_currencies
from urban_resilience.intake.recognition.io_parts import parts_of_flows
from urban_resilience.intake.recognition.match import Ignored
from urban_resilience.intake.recognition.provinces import province_sheet
from urban_resilience.intake.recognition.recognize import (
    LONG,
    YEARBOOK,
    Recognized,
    Unrecognized,
    recognize,
    score_records,
)
from urban_resilience.intake.recognition.row_labels import part_of_year_in
from urban_resilience.intake.recognition.said_of_sheet import doubts_of_lines
from urban_resilience.intake.recognition.shapes import needs_memory, reshape
from urban_resilience.intake.recognition.shapes.blocks import blocks_of
from urban_resilience.intake.recognition.shapes.pilot_marks import said_by_titles
from urban_resilience.intake.recognition.shapes.pilots import (
    PILOTS,
    as_pilot_lists,
    repeated_list,
    undated_columns,
    undated_list,
    undecided_dummies,
    unnamed_list,
)
from urban_resilience.intake.recognition.shapes.signs import without_signs
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, find_alias
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.intake.vocabulary.mapping import (
    DRAFT_FILE,
    IGNORE,
    MAPPING_FILE,
    USE_HIDDEN,
    Said,
    is_said,
    reading,
    said_of_source,
)
from urban_resilience.shared.counting import count
from urban_resilience.shared.problems import FileFault, Problem

TRUTH = "truth.json"
HIDDEN = f"the sheet is hidden. {REMEDY}"
# Ending of the empty forms: one left empty beside the data is no fault.
TEMPLATE = "_template"
GUIDE = "column_guide"
TEXT, WORKBOOK, STATA, PARQUET = "text", "workbook", "stata", "parquet"
SUFFIXES = {
    ".csv": TEXT, ".txt": TEXT, ".tsv": TEXT, ".xlsx": WORKBOOK, ".xlsm": WORKBOOK,
    ".xls": WORKBOOK, ".xlsb": WORKBOOK, ".ods": WORKBOOK, ".dta": STATA, ".parquet": PARQUET,
}  # fmt: skip
REFUSED = {
    ".et": "Save it as .xlsx, and take this one out.",
    ".sav": "Save it as .dta or .csv, and take this one out.",
    **dict.fromkeys(
        (
            ".rds", ".rdata", ".rda", ".feather", ".arrow", ".sas7bdat", ".xpt", ".por", ".dbf",
            ".numbers", ".mat", ".pkl", ".pickle", ".h5", ".hdf5", ".orc", ".jsonl", ".wb3",
        ),
        "Save it as .csv, .xlsx or .parquet, and take this one out.",
    ),
}  # fmt: skip
_PRINTED = "tables in it are not read: save each as .xlsx or .csv"
PRINTED = dict.fromkeys(
    (".pdf", ".doc", ".docx", ".caj", ".html", ".htm", ".json", ".mdb"), _PRINTED
)
ARCHIVES = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".rar", ".7z")
# Text files above this size are streamed by DuckDB; yearbooks only above the larger one.
STREAMED_BYTES = 4 << 20
STREAMED_YEARBOOK_BYTES = 256 << 20
STREAMED_PARQUET_ROWS = 200_000
SAMPLE_BYTES = 1 << 18
TOO_LARGE = (
    "too large to be turned: years, places or codes stand in its headers, or periods in its cells, "
    "and a file of this size is read row by row; split it, or write it with one row per city and "
    "year, beginning and end of a membership in columns of their own"
)


def data_origin(folder: Path) -> str:
    """Tell ``simulated`` files, which the simulator's truth lies beside, from ``supplied`` ones."""
    return "simulated" if (folder / TRUTH).exists() else "supplied"


@dataclass(frozen=True)
class Source:
    """One file or sheet that was recognized.

    Attributes
    ----------
    path
        The file.
    grid
        All its cells, or where ``is_streamed`` its beginning.
    recognized
        Table, layout, headers.
    skipped_lines
        Lines of a streamed text file before its first record.
    """

    path: Path
    grid: Grid
    recognized: Recognized
    is_streamed: bool = False
    skipped_lines: int = 0


@dataclass
class Folder:
    """All files of a folder: used, not used, and faulty."""

    sources: list[Source]
    unused: list[Ignored]
    problems: list[Problem]


def open_folder(raw_dir: Path, out_dir: Path | None = None) -> Folder:
    """Open every file below a folder, hidden ones and our own output left out."""
    folder = Folder([], [], [])
    files = _files(raw_dir, out_dir)
    for path in files:
        name = path.relative_to(raw_dir).as_posix()
        with reading(name):
            _open_file(path, name, files, raw_dir, folder)
    sheets = [(source.grid, source.recognized) for source in folder.sources]
    left_out, alone = parts_of_flows(sheets)
    folder.unused += [Ignored(source, reason) for source, reason in left_out.items()]
    folder.sources = [
        source
        for source in folder.sources
        if source.recognized.table != FLOWS or source.grid.source not in left_out
    ]
    folder.problems += [*mixed_currencies(sheets), *alone]
    return folder


def _open_file(path: Path, name: str, files: Sequence[Path], raw_dir: Path, folder: Folder) -> None:
    suffix = path.suffix.casefold()
    fault = _fault_of_place(path, raw_dir)
    if name in (MAPPING_FILE, DRAFT_FILE):
        return
    if (said := _said_to_be_ignored(name)) and not said.sheet:
        folder.unused.append(Ignored(name, f"left out by {said.place}"))
    elif fault is not None:
        folder.problems.append(Problem(printable(name), fault.what, fault.remedy))
    elif suffix in REFUSED:
        folder.problems.append(Problem(name, f"{suffix} files cannot be read.", REFUSED[suffix]))
    elif suffix in ARCHIVES:
        try:
            folder.unused.append(Ignored(name, judge_archive(path, files)))
        except FileFault as broken:
            folder.problems.append(Problem(name, broken.what, broken.remedy))
    elif about := explains(path):
        folder.unused.append(Ignored(name, f"a list that says what the codes of {about} mean"))
    elif suffix not in SUFFIXES:
        if path.name != TRUTH:
            folder.unused.append(Ignored(name, PRINTED.get(suffix, "not a format of data")))
    else:
        try:
            opened = _open(path, name, SUFFIXES[suffix])
            if codes := codes_of(path):
                opened = [
                    (grid if is_streamed else labelled(grid, codes), is_streamed, lines)
                    for grid, is_streamed, lines in opened
                ]
        except FileFault as broken:
            folder.problems.append(Problem(name, broken.what, broken.remedy))
            return
        except OSError as error:
            folder.problems.append(
                Problem(name, f"the file cannot be opened ({error.strerror}).", "Check it.")
            )
            return
        except Exception as error:
            # Libraries raise anything on damaged bytes; the other files are still looked at.
            folder.problems.append(_unreadable(name, error))
            return
        try:
            _sort_in(path, opened, folder)
        except FileFault as broken:
            folder.problems.append(Problem(name, broken.what, broken.remedy))


def _said_to_be_ignored(source: str) -> Said | None:
    """Row of the folder's mapping by which a file or sheet is left out."""
    return next((said for said in said_of_source(source) if said.column == IGNORE), None)


def _unreadable(name: str, error: Exception) -> Problem:
    first = next(iter(str(error).splitlines()), "")[:120]
    return Problem(
        name,
        f"the file cannot be read ({type(error).__name__}{': ' if first else ''}{first}).",
        "Open it in the program that wrote it and save it again, as .csv or .xlsx.",
    )


def _fault_of_place(path: Path, raw_dir: Path) -> FileFault | None:
    """Say what is wrong with where a file lies, or with its name."""
    if printable(str(path)) != str(path):
        return FileFault("its name is not UTF-8.", "Rename the file or its folder.")
    if "\\" in str(path):
        # DuckDB takes it for a sign of its own beside others.
        return FileFault("its path holds a backslash.", "Rename the file or its folder.")
    if not path.exists():
        return FileFault("it is a link to something that is not there.", "Take it away.")
    if raw_dir.resolve() not in path.resolve().parents:
        return FileFault(
            "it is a link to something outside the folder.",
            "Copy the file itself into the folder.",
        )
    return None


def printable(name: str) -> str:
    """Return a path as text, bytes that are no UTF-8 written out."""
    return name.encode("utf-8", "backslashreplace").decode()


def _files(raw_dir: Path, out_dir: Path | None) -> list[Path]:
    inside = None if out_dir is None else out_dir.resolve()
    found = []
    for path in sorted(raw_dir.rglob("*")):
        parts = path.relative_to(raw_dir).parts
        # `~$x.xlsx` is Excel's lock file of an open workbook.
        is_wanted = path.is_file() or path.is_symlink()
        if any(part.startswith((".", "~$")) for part in parts) or not is_wanted:
            continue
        if inside is not None and inside in path.resolve().parents:
            continue
        found.append(path)
    return found


def _sort_in(path: Path, opened: list[tuple[Grid, bool, int]], folder: Folder) -> None:
    """File the sheets under used and not used; a workbook is faulty only if no sheet is used."""
    used, rejected = [], []
    wanted = []
    hidden: list[str] = []
    for grid, is_streamed, lines in opened:
        if said := _said_to_be_ignored(grid.source):
            folder.unused.append(Ignored(grid.source, f"left out by {said.place}"))
        elif grid.is_hidden:
            folder.unused.append(Ignored(grid.source, HIDDEN))
            hidden.append(grid.title)
        else:
            wanted.append((grid, is_streamed, lines))
    if hidden:
        doubt = f"hidden sheets not used: {', '.join(hidden)}. {REMEDY}"
        wanted = [
            (replace(grid, doubts=(*grid.doubts, doubt)), is_streamed, lines)
            for grid, is_streamed, lines in wanted
        ]
    for grid, found, is_streamed, lines in _with_pilots(wanted):
        if path.stem.endswith(TEMPLATE) and _is_empty(grid):
            folder.unused.append(Ignored(grid.source, "an empty form"))
        elif path.stem == GUIDE and not isinstance(found, Recognized):
            folder.unused.append(Ignored(grid.source, "the guide to the forms, which is no data"))
        elif isinstance(found, Recognized) and (
            other := _provincial(grid, found) or _finer(grid, found)
        ):
            folder.unused.append(Ignored(grid.source, other))
        elif isinstance(found, Recognized):
            used.append(Source(path, grid, found, is_streamed, lines))
        else:
            rejected.append((grid, found))
    folder.sources += used
    for grid, found in rejected:
        if found.missing and not used:
            folder.problems.append(Problem(grid.source, f"{found.reason}.", found.remedy))
        else:
            remedy = found.remedy.rstrip(".")
            helps = f": {remedy[0].lower()}{remedy[1:]}" if remedy and not used else ""
            reason = f"{found.reason}{helps}{_more_rows(grid, used)}"
            folder.unused.append(Ignored(grid.source, reason, found.headers))


def _more_rows(grid: Grid, used: Sequence[Source]) -> str:
    """Say of a sheet that is not used that it is longer than those beside it that are."""
    n_rows = sum(1 for _ in grid.filled_rows())
    longest = max((sum(1 for _ in source.grid.filled_rows()) for source in used), default=n_rows)
    if n_rows <= longest:
        return ""
    return (
        f" - though it has {count(n_rows, 'row')}, and the longest sheet that is used {longest:,}"
    )


def _with_pilots(
    opened: list[tuple[Grid, bool, int]],
) -> Iterator[tuple[Grid, Recognized | Unrecognized, bool, int]]:
    """Recognize sheets; other shapes and lists of pilots are brought into ours first."""
    for grid, is_streamed, lines in opened:
        with reading(grid.source):
            cell = uncalculated(grid) if grid.format == "xlsx" else ""
            for part in [grid] if is_streamed else blocks_of(grid):
                for other, found, as_stream, before in _shaped(part, is_streamed, lines):
                    if cell and not isinstance(found, Recognized):
                        reason = f"{found.reason}; cell {cell} holds a formula without its result"
                        found = replace(found, reason=reason)
                    elif cell:
                        raise FileFault(
                            f"cell {cell} holds a formula without its result.",
                            "Open the workbook in Excel and save it: Excel then stores results.",
                        )
                    yield other, found, as_stream, before


def _shaped(
    grid: Grid, is_streamed: bool, lines: int
) -> Iterator[tuple[Grid, Recognized | Unrecognized, bool, int]]:
    if is_streamed and needs_memory(grid):
        yield grid, Unrecognized(TOO_LARGE), is_streamed, lines
        return
    if not is_streamed:
        grid = without_signs(grid)
        grid = replace(grid, doubts=(*grid.doubts, *doubts_of_lines(grid)))
    shaped, misfit = ([], "") if is_streamed else reshape(grid)
    known = [(other, recognize(other)) for other in shaped]
    # Pairs of columns of a list of pilots look like a table printed in several columns.
    if any(isinstance(as_read, Recognized) for _, as_read in known) or (
        known and not as_pilot_lists(grid)
    ):
        for other, as_read in known:
            yield other, as_read, False, 0
        return
    found = recognize(grid)
    if misfit and isinstance(found, Unrecognized):
        found = replace(found, reason=misfit, remedy="")
    lists = [] if is_streamed else as_pilot_lists(grid)
    made = [(pilots, recognize(pilots)) for pilots in lists]
    is_pilots = isinstance(found, Recognized) and found.table == PILOTS
    if not any(isinstance(as_list, Recognized) for _, as_list in made):
        undated = {} if is_streamed else undated_columns(grid)
        if isinstance(found, Recognized):
            left_out = (*grid.left_out, *undated.items())
            grid = replace(grid, left_out=left_out) if undated else grid
        elif why := _why_no_list(grid, undated, has_rows=bool(made)):
            found = replace(found, reason=why, remedy="")
            made = []
    # A panel of figures with a dummy of a policy is both.
    if not made or (isinstance(found, Recognized) and not is_pilots):
        yield grid, found, is_streamed, lines
    for pilots, as_list in made:
        yield pilots, as_list, False, 0


def _why_no_list(grid: Grid, undated: Mapping[str, str], has_rows: bool) -> str:
    """Say why a sheet that may be a list of pilots is none; empty where it is nothing of the kind.

    ``undated`` are its columns of marks that date nobody; ``has_rows``: it is one, without years.
    """
    if undated:
        return "; ".join(f"`{header}`: {why}" for header, why in undated.items())
    if has_rows:
        return undated_list(grid)
    return undecided_dummies(grid) or repeated_list(grid) or unnamed_list(grid)


def _finer(grid: Grid, found: Recognized) -> str:
    """Why no row of a sheet is of a city in a year; empty where some may be."""
    if found.table == PILOTS:
        title, _ = said_by_titles(found.titles)
        return title and f"its places are no pilots, as `{title}` says"
    if "year" not in contract()[found.table].names:
        return ""
    if title := part_of_year_in(found.titles):
        return (
            f"its figures are of a part of a year, as `{title.strip()[:60]}` says: figures of "
            "whole years are read"
        )
    if found.table != YEARBOOK:
        return ""
    rows = dict(grid.filled_rows(found.data_start))
    return why_finer(found.headers, rows, is_long=found.layout == LONG)


def _provincial(grid: Grid, found: Recognized) -> str:
    """Why a sheet is a table of provinces; empty where it is not."""
    table = contract()[found.table]
    if not table.row_is_city:
        return ""
    at: dict[str, list[int]] = {}
    for position, header in enumerate(found.headers):
        alias = None if header is None else find_alias(found.table, header)
        if alias is not None:
            at.setdefault(alias.column, []).append(position)
    code = at.get("city_code", [None])[0]
    # Beside a column of cities, one of provinces may be called `地区` too.
    reasons = [
        province_sheet(grid, found.data_start, code, name) for name in at.get(CITY_NAME, [None])
    ]
    return reasons[0] if all(reasons) else ""


def _is_empty(grid: Grid) -> bool:
    return len(list(islice(grid.filled_rows(), 2))) < 2


def _open(path: Path, name: str, kind: str) -> list[tuple[Grid, bool, int]]:
    """Grids of a file, whether each is only a beginning, and the lines before its data."""
    if kind == WORKBOOK and (written := written_as_text(path)):
        if written == HTML:
            return [(grid, False, 0) for grid in read_html(path, name)]
        return [(read_delimited(path, name, score_records), False, 0)]
    if kind == WORKBOOK:
        return [
            (grid, False, 0) for grid in read_workbook(path, name, partial(is_said, USE_HIDDEN))
        ]
    if kind == STATA:
        return [(read_stata(path, name), False, 0)]
    if kind == PARQUET:
        return [_open_parquet(path, name)]
    if path.stat().st_size > STREAMED_BYTES:
        grid, lines = _beginning_of_text(path, name)
        found = recognize(grid)
        if isinstance(found, Recognized) and _is_streamed(path, found):
            return [(grid, True, lines[found.data_start])]
    return [(read_delimited(path, name, score_records), False, 0)]


def _is_streamed(path: Path, found: Recognized) -> bool:
    if found.layout == LONG:
        return False
    return found.table != YEARBOOK or path.stat().st_size > STREAMED_YEARBOOK_BYTES


def _beginning_of_text(path: Path, name: str) -> tuple[Grid, list[int]]:
    """First records of a text file, and the lines before each of them."""
    encoding = detect_encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        text = file.read(SAMPLE_BYTES)
    text = text[: text.rfind("\n") + 1] or text
    delimiter = detect_delimiter(text, score_records)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[object]] = []
    lines: list[int] = []
    before = 0
    for record in reader:
        rows.append(list(record))
        lines.append(before)
        before = reader.line_num
    grid = Grid(name, rows, "csv", encoding, DELIMITERS[delimiter], path.stem)
    return grid, [*lines, before]


def _open_parquet(path: Path, name: str) -> tuple[Grid, bool, int]:
    if path.stat().st_size == 0:
        raise FileFault("the file is empty.", "Write it again.")
    try:
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows <= STREAMED_PARQUET_ROWS:
                return read_small_parquet(path, name), False, 0
            names = file.schema_arrow.names
            batch = next(file.iter_batches(batch_size=2000))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileFault(
            f"the Parquet file is damaged or cut off ({str(error).splitlines()[0][:120]}).",
            "Write or copy it again.",
        ) from None
    above = columns_in_path(name, names)
    records = [[*record.values(), *above.values()] for record in batch.to_pylist()]
    rows = [[*names, *above], *records]
    return Grid(name, rows, "parquet", title=path.stem, has_header_first=True), True, 0


def contract_claims(sources: list[Source]) -> dict[str, list[Source]]:
    """Group sources by table, in contract order."""
    return {
        table: found
        for table in contract()
        if (found := [source for source in sources if source.recognized.table == table])
    }
