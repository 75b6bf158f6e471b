"""``columns.csv`` of a raw folder: read, and every row of it checked."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from urban_resilience.intake.cells.text import clean_header, key
from urban_resilience.intake.reading.grid import is_blank
from urban_resilience.intake.reading.read_delimited import read_delimited
from urban_resilience.intake.vocabulary.aliases import (
    CITY_NAME,
    LONG_COLUMNS,
    PROVINCE_NAME,
    nearest,
)
from urban_resilience.intake.vocabulary.contract import Column, Table, contract
from urban_resilience.intake.vocabulary.mapping import (
    IGNORE,
    MAPPING_FILE,
    OF_FILES,
    Mapping,
    Said,
    split_source,
)
from urban_resilience.intake.vocabulary.units import find_unit, units
from urban_resilience.shared.problems import FileFault, IntakeError, Problem

COLUMNS = ("file", "sheet", "header", "column", "unit")
NEEDED = ("header", "column")
# Written by the draft for whoever fills it in; nothing reads it.
NOTE = "note"
FORM = f"Its header is {','.join(COLUMNS)} (only header and column are needed), and {NOTE} if any."


def read_mapping(raw_dir: Path) -> Mapping:
    """Read what the owner of a folder says of its headers and files; empty where nothing.

    Raises
    ------
    IntakeError
        With every row that cannot be meant as it stands.
    """
    path = raw_dir / MAPPING_FILE
    if not path.is_file():
        return Mapping()
    try:
        grid = read_delimited(path, MAPPING_FILE, _score)
    except FileFault as fault:
        raise IntakeError([Problem(MAPPING_FILE, fault.what, fault.remedy)]) from None
    (_, cells), *filled = list(grid.filled_rows())
    names = [clean_header(cell) for cell in cells]
    strange = [name for name in names if name not in (*COLUMNS, NOTE, "")]
    lacking = [name for name in NEEDED if name not in names]
    if strange or lacking:
        wrong = [f"has a column `{name}` that says nothing here" for name in strange]
        wrong += [f"lacks the column `{name}`" for name in lacking]
        what = f"the file of what headers mean {' and '.join(wrong)}."
        raise IntakeError(
            [Problem(MAPPING_FILE, what, FORM + " A file of data needs another name.")]
        )
    rows = [_said(names, position + 1, cells) for position, cells in filled]
    problems = [Problem(s.place, *fault) for s in rows for fault in _faults(s)]
    problems += [Problem(s.place, *fault) for s, fault in _contradictions(rows)]
    if problems:
        raise IntakeError(problems)
    return Mapping(tuple(rows))


def _score(records: Sequence[Sequence[object]]) -> int:
    return max((sum(clean_header(c) in COLUMNS for c in row) for row in records), default=0)


def _said(names: Sequence[str], row: int, cells: Sequence[object]) -> Said:
    texts = {
        name: "" if is_blank(cell) else str(cell).strip()
        for name, cell in zip(names, cells, strict=False)
    }
    file, sheet, header, column, unit = (texts.get(name, "") for name in COLUMNS)
    return Said(row, file.replace("\\", "/"), sheet, header, column.casefold(), unit)


def _faults(said: Said) -> Iterator[tuple[str, str]]:
    if said.is_open:
        return
    if not said.header:
        if said.column not in OF_FILES:
            yield (
                f"`{said.column}` is said of a file as a whole, since there is no header.",
                f"Name the header, or say one of {', '.join(OF_FILES)}.",
            )
        if not said.file and not said.sheet:
            yield f"`{said.column}` is said of no header, file or sheet.", "Name what it is about."
        return
    if said.column == IGNORE:
        return
    columns = _columns(said.column)
    if not columns and said.column not in (CITY_NAME, PROVINCE_NAME, *LONG_COLUMNS):
        yield (
            f"there is no column `{said.column}`{_nearest(said.column, _all_columns())}.",
            f"Name one of the contract, or `{IGNORE}`; leave it empty to say nothing.",
        )
    elif said.unit and not any(find_unit(c.dimension, said.unit) for c in columns):
        known = {u.text for c in columns for u in units().get(c.dimension, {}).values()}
        yield (
            f"`{said.unit}` does not measure `{said.column}`{_nearest(said.unit, known)}.",
            "Name a unit of the seed unit_conversions, or leave the cell empty."
            if known
            else "Leave the cell empty: the column has no unit.",
        )


def _columns(name: str) -> list[Column]:
    return [table.column(name) for table in contract().values() if name in table.names]


def _all_columns() -> list[str]:
    named = [name for table in contract().values() for name in table.names]
    return [*dict.fromkeys([*named, CITY_NAME, PROVINCE_NAME, *LONG_COLUMNS])]


def _contradictions(rows: Iterable[Said]) -> Iterator[tuple[Said, tuple[str, str]]]:
    """Rows about the same header of the same sheet that say two things."""
    first: dict[tuple[str, ...], Said] = {}
    for said in rows:
        if said.is_open or not said.header:
            continue
        about = (key(said.file), key(said.sheet), said.header.count("*") * "*" + key(said.header))
        other = first.setdefault(about, said)
        if (other.column, key(other.unit)) != (said.column, key(said.unit)):
            yield (
                said,
                (
                    f"`{said.header}` is said to be `{said.column}` {said.unit}".rstrip()
                    + f", and in row {other.row} `{other.column}` {other.unit}".rstrip()
                    + ".",
                    "Keep one of the two rows, or name the file or sheet of each.",
                ),
            )


def idle_rows(
    mapping: Mapping, sources: Collection[str], headers: Collection[str], is_whole: bool
) -> list[Problem]:
    """Rows that met nothing, each with what comes nearest.

    Parameters
    ----------
    mapping
        After the folder was read.
    sources, headers
        All files and sheets (``file [sheet]``), and all headers, that stand in the folder.
    is_whole
        Whether all files were read as far as they are used.
    """
    problems = []
    for said in mapping.rows:
        if said.is_open or said in mapping.used:
            continue
        if said not in mapping.files_met:
            named = f"`{said.file}`" + (f" [{said.sheet}]" if said.sheet else "")
            wanted = said.file if said.file else said.sheet
            pieces = [split_source(source)[0 if said.file else 1] for source in sources]
            what = f"there is no file {named} in the folder{_nearest(wanted, pieces)}."
            remedy = "Correct the name (`*` stands for any letters), or take the row out."
        elif said not in mapping.headers_met:
            where = f" of {said.file}" if said.file else ""
            what = f"no header{where} is `{said.header}`{_nearest(said.header, headers)}."
            remedy = "Copy the header from the file, or take the row out."
        elif not is_whole:
            continue
        else:
            what = (
                f"`{said.header}` stands in no sheet that is read as a table with `{said.column}`."
            )
            remedy = "Name a column of the table that the file is read as, or take the row out."
        problems.append(Problem(said.place, what, remedy))
    return problems


def says_nothing_new(said: Said, table: Table) -> bool:
    """Whether a row says of a column of the contract what its name says."""
    if key(said.header) != key(said.column) or said.column not in table.names:
        return False
    column = table.column(said.column)
    stated, own = (find_unit(column.dimension, unit) for unit in (said.unit, column.unit))
    if not said.unit or stated is None or own is None:
        return not said.unit
    return (stated.factor, stated.offset) == (own.factor, own.offset)


def _nearest(text: str, known: Iterable[str]) -> str:
    spelled = {key(name): name for name in known if name}
    close = difflib.get_close_matches(key(text), spelled, 3, 0.5)
    return f"; nearest: {', '.join(f'`{spelled[name]}`' for name in close)}" if close else ""


def candidates(header: str) -> list[str]:
    """Known headers that look like one, of any table, each with its column."""
    found = dict.fromkeys(hit for table in contract() for hit in nearest(table, header))
    return [*found][:3]
