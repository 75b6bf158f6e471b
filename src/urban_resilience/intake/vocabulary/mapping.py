"""What the owner of a folder says of its headers and files: rows of ``columns.csv``.

A row that speaks of a header goes before the seed of aliases; one of a file alone says that it is
not to be read, which of two files is believed, or that a register of firms is whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property

from urban_resilience.intake.cells.text import half_width, key

MAPPING_FILE = "columns.csv"
# A draft beside a mapping that is there already; nothing reads it.
DRAFT_FILE = "columns_draft.csv"
# In the place of a column: the header, or the sheet or file, is left out.
IGNORE = "ignore"
# Of whole files or sheets: believed before the others, or behind them.
FIRST, LAST = "first", "last"
# Of a register of firms: whether its rows may be counted as all firms.
WHOLE_REGISTER, PART_OF_REGISTER = "whole_register", "part_of_register"
# Hidden sheets, rows and columns, and cells struck through, are to be used like the others.
USE_HIDDEN = "use_hidden"
OF_FILES = (IGNORE, FIRST, LAST, WHOLE_REGISTER, PART_OF_REGISTER, USE_HIDDEN)
ANY_TEXT = "*"
# More rows than a mapping has.
LOWEST = 1_000_000
_SOURCE = re.compile(r"(?P<file>.*?\.\w+) \[(?P<sheet>[^\]]*)\].*", re.DOTALL)


@dataclass(frozen=True)
class Said:
    """One row: ``row`` counts from 1 with the header; empty texts speak of everything."""

    row: int
    file: str
    sheet: str
    header: str
    column: str
    unit: str = ""

    def speaks_of(self, file: str, sheet: str) -> bool:
        """Whether the row is about a sheet of a file; a file may go by its name without folder."""
        of_file = not self.file or any(
            is_like(self.file, name) for name in (file, file.rsplit("/", 1)[-1])
        )
        return of_file and (not self.sheet or is_like(self.sheet, sheet))

    @property
    def is_open(self) -> bool:
        """Whether nothing is said: a row of a draft that nobody filled in."""
        return not self.column

    @property
    def place(self) -> str:
        """Name the row in a message."""
        return f"{MAPPING_FILE}, row {self.row}"


def is_like(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern says; ``*`` stands for any letters, spelling aside."""
    if ANY_TEXT not in pattern:
        return key(pattern) == key(text)
    pieces = (re.escape(key(piece)) for piece in half_width(pattern).split(ANY_TEXT))
    return re.fullmatch(".*".join(pieces), key(text)) is not None


@dataclass
class Mapping:
    """All rows of a folder, and which of them met something."""

    rows: tuple[Said, ...] = ()
    files_met: set[Said] = field(default_factory=set)
    headers_met: set[Said] = field(default_factory=set)
    used: set[Said] = field(default_factory=set)


@dataclass(eq=False)
class InForce:
    """Rows that speak of the sheet at hand, the most particular first."""

    mapping: Mapping
    rows: tuple[Said, ...]

    @cached_property
    def _of_headers(self) -> tuple[Said, ...]:
        rows = [said for said in self.rows if said.header and not said.is_open]
        # A name as it stands goes before one with a wildcard.
        return tuple(
            sorted(rows, key=lambda s: (ANY_TEXT in s.header, not s.sheet, not s.file, s.row))
        )

    @cached_property
    def _exact(self) -> dict[str, Said]:
        found: dict[str, Said] = {}
        for said in self._of_headers:
            if ANY_TEXT not in said.header:
                found.setdefault(key(said.header), said)
        return found

    def find(self, text: str, cores: Sequence[str]) -> tuple[Said, str] | None:
        """Return what is said of a header, and the core of it that the row names.

        The core is empty where the row names the header as a whole: nothing is left over then.
        """
        whole = self._exact.get(key(text)) or next(
            (s for s in self._of_headers if ANY_TEXT in s.header and is_like(s.header, text)), None
        )
        found = (whole, "") if whole else None
        if found is None:
            core = next((core for core in cores if core in self._exact), None)
            found = None if core is None else (self._exact[core], core)
        if found is not None:
            self.mapping.headers_met.add(found[0])
        return found


_MAPPING: ContextVar[Mapping | None] = ContextVar("mapping", default=None)
_IN_FORCE: ContextVar[InForce | None] = ContextVar("in_force", default=None)


@contextmanager
def using(mapping: Mapping) -> Iterator[Mapping]:
    """Let the rows of a folder speak, as long as it is read."""
    token = _MAPPING.set(mapping if mapping.rows else None)
    try:
        yield mapping
    finally:
        _MAPPING.reset(token)


@contextmanager
def reading(source: str) -> Iterator[None]:
    """Let the rows speak that are about one file, or one sheet of it (``file [sheet]``)."""
    mapping = _MAPPING.get()
    if mapping is None:
        yield
        return
    file, sheet = split_source(source)
    rows = tuple(said for said in mapping.rows if said.speaks_of(file, sheet))
    mapping.files_met.update(rows)
    token = _IN_FORCE.set(InForce(mapping, rows))
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


def in_force() -> InForce | None:
    """Rows about the sheet that is being read; None where there are none."""
    found = _IN_FORCE.get()
    return found if found is not None and found.rows else None


def split_source(source: str) -> tuple[str, str]:
    """Return file and sheet of ``file [sheet]``."""
    found = _SOURCE.fullmatch(source)
    return (found["file"], found["sheet"]) if found else (source, "")


def said_of_source(source: str) -> tuple[Said, ...]:
    """Rows about a whole file or sheet: one of `OF_FILES` in the place of the column."""
    mapping = _MAPPING.get()
    if mapping is None:
        return ()
    file, sheet = split_source(source)
    found = tuple(
        said
        for said in mapping.rows
        if not said.header and not said.is_open and said.speaks_of(file, sheet)
    )
    mapping.files_met.update(found)
    mapping.used.update(found)
    return found


def is_said(word: str, source: str) -> bool:
    """Whether a word of `OF_FILES` is said of a file or sheet."""
    return any(said.column == word for said in said_of_source(source))


def rank_of(source: str) -> int:
    """Place of a file or sheet among those that disagree: the lowest is believed.

    Files said to be ``first`` come in the order of their rows, those said to be ``last`` behind
    all others, of which nothing is said: 0.
    """
    ranks = [
        said.row - LOWEST if said.column == FIRST else said.row
        for said in said_of_source(source)
        if said.column in (FIRST, LAST)
    ]
    return ranks[0] if ranks else 0
