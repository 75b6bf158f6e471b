"""What the intake found in a folder and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from urban_resilience.intake.conversion.rows import UnreadableCell
from urban_resilience.intake.recognition.match import Ignored
from urban_resilience.shared.problems import Problem


@dataclass(frozen=True)
class SourceReport:
    """One file or sheet that feeds a table: a row of ``raw_files``.

    Attributes
    ----------
    recognized_by
        Why it is this table.
    columns
        Pairs of header and contract column.
    units
        Unit that each of them was read in, empty where it has none or each row its own.
    notes
        Conversions and everything else that was changed or left out.
    modified_at
        When the file was last modified, in whole seconds.
    rows_merged
        Rows that became part of a row of an earlier file.
    rows_left_out
        Rows of another area than the contract's, such as 市辖区 beside 全市.
    is_linked
        Whether the file needed nothing and is used as it is.
    doubts
        What of it was not used, or may be read in another way, each with a remedy.
    """

    table: str
    source_file: str
    format: str
    encoding: str
    delimiter: str
    layout: str
    rows_in: int
    recognized_by: str
    columns: tuple[tuple[str, str], ...]
    ignored: tuple[Ignored, ...]
    notes: tuple[str, ...]
    modified_at: datetime
    rows_merged: int = 0
    rows_left_out: int = 0
    is_linked: bool = False
    units: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class IntakeReport:
    """What became of a folder.

    Attributes
    ----------
    tables
        Prepared tables and their number of rows.
    sources
        Files and sheets that were used.
    unused
        Files and sheets that were not, with the reason.
    unreadable
        Cells that became null; from streamed files the first ones only.
    n_unreadable
        How many there are.
    problems
        What stops the build; empty in a report that `prepare` returns.
    """

    raw_dir: Path
    out_dir: Path
    tables: dict[str, int]
    sources: tuple[SourceReport, ...]
    unused: tuple[Ignored, ...]
    unreadable: tuple[UnreadableCell, ...]
    n_unreadable: int
    problems: tuple[Problem, ...] = ()
