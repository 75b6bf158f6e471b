"""Write an export: the marts in the formats asked for, what they mean, and which build they are."""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import duckdb
import yaml

from urban_resilience.reporting.built import Built, read_built
from urban_resilience.reporting.dictionary import Mart, read_marts
from urban_resilience.reporting.exports.city_names import with_city_names
from urban_resilience.reporting.exports.figures import write_figures
from urban_resilience.reporting.exports.flat_files import write_csv, write_parquet
from urban_resilience.reporting.exports.folder import FIRST_WORDS, MARK, published_folder
from urban_resilience.reporting.exports.neutral import neutral
from urban_resilience.reporting.exports.printed import PRINTED, Form
from urban_resilience.reporting.exports.replication import write_replication
from urban_resilience.reporting.exports.stata import write_stata
from urban_resilience.reporting.exports.table_files import write_tables
from urban_resilience.reporting.exports.workbook import (
    DICTIONARY_HEAD,
    dictionary_rows,
    write_workbook,
)
from urban_resilience.shared.project import ROOT
from urban_resilience.shared.refusal import Refusal
from urban_resilience.shared.steps import Tell, tell_nobody

OF_MARTS = ("parquet", "csv", "xlsx", "dta")
# These have a file of each mart.
FILE_EACH = ("parquet", "csv", "dta")
FORMATS = (*OF_MARTS, "tables", "figures", "replication")
CITATION = ROOT / "CITATION.cff"


class UnknownFormatError(Refusal, ValueError):
    """A format was asked for that there is not."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    folder
        Of the export.
    built
        The build that it is of.
    files, bytes_written, seconds
        How many, how large, how long.
    remarks
        What is not in it, in words.
    """

    folder: Path
    built: Built
    files: int
    bytes_written: int
    seconds: float
    remarks: tuple[str, ...]


def export(
    warehouse: Path,
    out: Path,
    formats: Sequence[str] = FORMATS,
    form: Form = PRINTED,
    tell: Tell = tell_nobody,
) -> Exported:
    """Write the marts of a warehouse into a folder.

    Parameters
    ----------
    warehouse
        A finished file; it is only read.
    out
        Folder to write. An earlier export in it is replaced whole, by a rename.
    formats
        Some of `FORMATS`.
    form
        Stars and brackets of the printed tables.
    tell
        Called at the start of each format, and of each relation of those that have a file of each.

    Raises
    ------
    UnknownFormatError
        A format that there is not.
    ForeignFolderError
        ``out`` holds something that is no export.
    """
    start = time.monotonic()
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise UnknownFormatError(f"FORMAT {', '.join(unknown)}: there are {', '.join(FORMATS)}")
    built = read_built(warehouse)
    with published_folder(out) as folder, duckdb.connect(str(warehouse), read_only=True) as db:
        marts = read_marts(db)
        named = with_city_names(marts)
        remarks: list[str] = []
        wanted = [kind for kind in FORMATS if kind in formats]
        total = sum(len(marts) if kind in FILE_EACH else 1 for kind in wanted)
        numbers = count(1)
        for kind in wanted:
            if kind not in FILE_EACH:
                tell(kind, next(numbers), total)
            if kind == "tables":
                write_tables(db, built, form, folder / kind, suffix(built))
            elif kind == "figures":
                write_figures(db, built, folder / kind, suffix(built))
            elif kind == "replication":
                write_replication(db, built, folder / kind, suffix(built))
            elif kind == "xlsx":
                remarks += _write_workbook(db, named, built, folder)
            else:
                (folder / kind).mkdir()
                for mart in named if kind == "csv" else marts:
                    tell(f"{kind} {mart.relation}", next(numbers), total)
                    remarks += _write(kind, db, mart, built, folder / kind)
        _write_dictionary(folder / f"dictionary{suffix(built)}.csv", named)
        _write_citation(folder / CITATION.name, built)
        _write_mark(folder / MARK, built, formats, remarks)
        files = [path for path in folder.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
    return Exported(out, built, len(files), size, time.monotonic() - start, tuple(remarks))


def suffix(built: Built) -> str:
    """Say in the name of a file that its numbers are simulated; nothing where they are not."""
    return ".SIMULATED" if built.is_simulated else ""


def _write_workbook(
    db: duckdb.DuckDBPyConnection, marts: Sequence[Mart], built: Built, folder: Path
) -> list[str]:
    words = write_workbook(db, marts, built, folder / f"urban_resilience{suffix(built)}.xlsx")
    return [
        f"workbook, {rel}: {text}" for rel, text in words.items() if not text.startswith("all ")
    ]


def _write(
    kind: str, db: duckdb.DuckDBPyConnection, mart: Mart, built: Built, place: Path
) -> list[str]:
    """Write a mart; what the file has not, in words."""
    file = place / f"{mart.relation}{suffix(built)}.{kind}"
    if kind == "parquet":
        write_parquet(db, mart, built, file)
    elif kind == "csv":
        write_csv(db, mart, file)
    else:
        words = write_stata(db, mart, built, file)
        return [] if words.startswith("all ") else [f"Stata, {mart.relation}: {words}"]
    return []


def _write_dictionary(file: Path, marts: Sequence[Mart]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(DICTIONARY_HEAD)
        writer.writerows([neutral(value) for value in row] for row in dictionary_rows(marts))


def _write_citation(file: Path, built: Built) -> None:
    """Copy the project's citation, with the build that the export is of."""
    content = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
    content["identifiers"] = [
        {
            "type": "other",
            "value": f"sha256:{built.content_hash}",
            "description": f"Build of the warehouse: {built.in_words}",
        }
    ]
    if built.banner:
        content["message"] = f"{built.banner} {content['message']}"
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)
    file.write_text(text, encoding="utf-8")


def _write_mark(file: Path, built: Built, formats: Sequence[str], remarks: Sequence[str]) -> None:
    lines = [FIRST_WORDS, "", *([built.banner, ""] if built.banner else []), built.in_words, ""]
    lines += [f"Formats: {', '.join(formats)}. Cite it as CITATION.cff says."]
    lines += [f"Every column in words: dictionary{suffix(built)}.csv, names in Stata among them."]
    lines += ["A text cell that a spreadsheet would evaluate begins with an apostrophe.", ""]
    file.write_text("\n".join([*lines, *remarks, ""]), encoding="utf-8")
