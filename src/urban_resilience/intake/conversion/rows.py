"""Rows of contract tables with their places in the files, and cells that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition.match import Ignored, Matched
from urban_resilience.intake.recognition.recognize import Recognized
from urban_resilience.shared.problems import FileFault

# Stands for a column where the fault is of the row as a whole.
ROW = "(row)"


@dataclass(frozen=True)
class UnreadableCell:
    """A cell that became null, and why; the row is the row of the table it belongs to."""

    table_name: str
    source_file: str
    source_row: int | None
    column_name: str
    value: str
    reason: str


@dataclass
class Row:
    """One row of a contract table with its place in the file."""

    values: dict[str, object]
    source_file: str
    source_row: int


@dataclass
class SheetRows:
    """Everything that one sheet gives."""

    table: str
    grid: Grid
    recognized: Recognized
    rows: list[Row]
    unreadable: list[UnreadableCell]
    matched: tuple[Matched, ...]
    ignored: list[Ignored]
    faults: list[FileFault]
    notes: list[str] = field(default_factory=list)
    rows_in: int = 0
    # Rows of another area than the contract's.
    rows_left_out: int = 0
    # What is used, and may be wrong.
    doubts: list[str] = field(default_factory=list)
