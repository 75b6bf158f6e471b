"""A sheet of cells with the row numbers that a person sees."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from urban_resilience.intake.cells.numbers import is_missing


@dataclass(frozen=True)
class Grid:
    """One file or one sheet, read but not yet understood.

    Attributes
    ----------
    source
        Path relative to the folder, the sheet in brackets.
    rows
        Cells as the reader found them; ``rows[0]`` is row 1.
    format, encoding, delimiter
        How it was read.
    title
        Sheet name, or the file name where there are no sheets: it may name a year.
    repeated
        Positions (row and column, from 0) filled from a merged range.
    has_header_first
        Whether row 1 is the header by the nature of the format (Stata, Parquet).
    notes
        What was done to the cells since.
    origins
        Row of the file (from 1) that each row comes from, where the sheet was given another shape;
        empty where ``rows[0]`` is row 1 of the file.
    left_out
        Columns of the file that the shape leaves out, each with the reason.
    refused
        Rows of the file (from 1) that cannot be used as they stand, each with the reason.
    doubts
        What of the sheet was not used, or may be read in another way, each with a remedy.
    is_hidden
        Whether the sheet is hidden: it is used only if its owner says so.
    currency
        Of an input-output table whose shape was changed: ``usd`` or ``yuan``.
    part
        Of a table of flows: ``domestic`` or ``imported``, where it holds no others.
    has_own_title
        Whether it is one of several tables in a sheet and has a title that is not understood: what
        the sheet and the file are called is then no name for it.
    """

    source: str
    rows: list[list[object]]
    format: str
    encoding: str = ""
    delimiter: str = ""
    title: str = ""
    repeated: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    has_header_first: bool = False
    notes: tuple[str, ...] = ()
    origins: tuple[int, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    currency: str = ""
    part: str = ""
    refused: Mapping[int, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    is_hidden: bool = False
    has_own_title: bool = False

    def row_number(self, position: int) -> int:
        """Return the row of the file, from 1, that a row comes from."""
        return self.origins[position] if self.origins else position + 1

    def filled_rows(self, start: int = 0) -> Iterator[tuple[int, list[object]]]:
        """Positions and cells of the rows that are not blank."""
        for position in self._filled[bisect_left(self._filled, start) :]:
            yield position, self.rows[position]

    @cached_property
    def _filled(self) -> list[int]:
        # Every shape that a sheet may have asks for them.
        return [
            position for position, cells in enumerate(self.rows) if not all(map(is_blank, cells))
        ]


def is_blank(cell: object) -> bool:
    """Whether nothing stands in the cell, not even a missing mark."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_text(cell: object) -> bool:
    """Whether the cell holds words rather than a figure or a mark for a missing one."""
    return isinstance(cell, str) and not is_missing(cell)
