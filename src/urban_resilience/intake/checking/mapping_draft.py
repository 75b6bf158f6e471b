"""A draft of ``columns.csv``: every header of a folder and what it was read as, to be corrected."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from urban_resilience.intake.conversion.report import IntakeReport
from urban_resilience.intake.recognition.mapping_file import (
    COLUMNS,
    NOTE,
    candidates,
    read_mapping,
)
from urban_resilience.intake.recognition.match import NO_HEADER
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.intake.vocabulary.mapping import DRAFT_FILE, MAPPING_FILE, split_source
from urban_resilience.shared.problems import IntakeError


@dataclass(frozen=True)
class _Reading:
    """What a header was read as in one sheet; an open row has no column."""

    source: str
    header: str
    column: str
    unit: str
    note: str


def write_mapping(report: IntakeReport) -> Path:
    """Write a draft into the raw folder; a mapping that is there already stays.

    Fed back as it is, it changes nothing: a header that is read is said to be what it is read as,
    and a row with an empty column says nothing.

    Returns
    -------
    Path
        ``columns.csv``, or ``columns_draft.csv`` beside one.
    """
    target = report.raw_dir / MAPPING_FILE
    rows = [*_of_files(report.raw_dir), *_rows(list(_readings(report)))]
    if target.exists():
        target = report.raw_dir / DRAFT_FILE
    # With a mark, so that spreadsheets read it as UTF-8.
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*COLUMNS, NOTE))
        writer.writerows(rows)
    return target


def _of_files(raw_dir: Path) -> list[tuple[str, ...]]:
    """Rows of the mapping in force that speak of whole files."""
    try:
        mapping = read_mapping(raw_dir)
    except IntakeError:
        return []
    return [
        (said.file, said.sheet, "", said.column, "", "as before")
        for said in mapping.rows
        if not said.header and not said.is_open
    ]


def _readings(report: IntakeReport) -> Iterator[_Reading]:
    for source in report.sources:
        units = source.units or ("",) * len(source.columns)
        for (header, column), unit in zip(source.columns, units, strict=True):
            yield _Reading(
                source.source_file, header, column, unit, _in_words(source.table, column)
            )
        for item in source.ignored:
            if item.reason != NO_HEADER:
                yield _Reading(source.source_file, item.header, "", "", item.reason)
    for item in report.unused:
        for header in item.headers:
            near = candidates(header)
            note = f"nearest: {', '.join(near)}" if near else "nothing known is like it"
            yield _Reading(item.header, header, "", "", f"its sheet is not used; {note}")


def _in_words(table: str, column: str) -> str:
    spec = contract()[table]
    name = spec.column(column).name_zh if column in spec.names else ""
    return f"read as {table}{f', {name}' if name else ''}"


def _rows(readings: list[_Reading]) -> Iterator[tuple[str, ...]]:
    """One row per header where all sheets agree on it, otherwise one per sheet."""
    meanings: dict[str, set[tuple[str, str]]] = {}
    here: dict[tuple[str, str], set[str]] = {}
    for reading in readings:
        meanings.setdefault(reading.header, set()).add((reading.column, reading.unit))
        here.setdefault((reading.source, reading.header), set()).add(reading.column)
    seen = set()
    for reading in readings:
        file, sheet = split_source(reading.source)
        if len(meanings[reading.header]) == 1:
            file = sheet = ""
        # A footnote mark would be a wildcard; spelling does not matter.
        header = reading.header.replace("*", "")
        about = (file, sheet, header)
        if about in seen:
            continue
        seen.add(about)
        if len(here[reading.source, reading.header]) > 1:
            # Two columns of one name: a row cannot tell them apart.
            yield (*about, "", "", "two columns of this name are read as two things")
        else:
            yield (*about, reading.column, reading.unit, reading.note)
