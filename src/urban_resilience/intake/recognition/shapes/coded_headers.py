"""Exports of CSMAR and CNRDS: codes, labels and units in rows of their own, in any order.

Codes may also stand in each header beside its label: `年份(Year)`, `Sgnyea [统计年度]`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import key
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.naming import is_number, is_place
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.intake.vocabulary.units import is_unit

FEWEST = 3
# Rows that such a header has at most, a title above it and blank rows among it.
MOST_ROWS = 6
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BRACKETS = r"[(（\[【]{}[)）\]】]"
_LABELLED = (
    re.compile(
        r"(?P<label>.*[\u4e00-\u9fff].*?)\s*" + _BRACKETS.format(f"(?P<code>{_CODE.pattern})")
    ),
    re.compile(
        rf"(?P<code>{_CODE.pattern})\s*" + _BRACKETS.format(r"(?P<label>.*[\u4e00-\u9fff].*)")
    ),
)
_UNIT_WORDS = ("单位", "计量单位", "unit")
_NO_UNIT = frozenset({"没有单位", "无单位", "无", "none", "nounit"})


@dataclass
class _Rows:
    """Positions of the rows of a header, None where it has no such row."""

    codes: int | None = None
    labels: int | None = None
    units: int | None = None

    def found(self) -> list[int]:
        """Return those there are, from the top."""
        return sorted(row for row in (self.codes, self.labels, self.units) if row is not None)


def coded_headers(grid: Grid) -> list[Grid] | None:
    """Let the labels, with their units, be the header."""
    rows = _header_rows(grid)
    if rows.labels is None:
        return None
    if len(rows.found()) < 2:
        return _without_codes(grid, rows.labels)
    labels = grid.rows[rows.labels]
    codes = grid.rows[rows.codes] if rows.codes is not None else []
    units = grid.rows[rows.units] if rows.units is not None else []
    header: list[object] = []
    for at in range(max(len(labels), len(codes))):
        text = _text(labels, at) or _text(codes, at)
        unit = _text(units, at)
        header.append(f"{text}({unit})" if unit and key(unit) not in _NO_UNIT else text or None)
    top, start = rows.found()[0], rows.found()[-1] + 1
    said = [
        f"row {grid.row_number(row)} holds {what}"
        for what, row in (("codes", rows.codes), ("labels", rows.labels), ("units", rows.units))
        if row is not None
    ]
    shift = start - top - 1
    return [
        replace(
            grid,
            rows=[*grid.rows[:top], header, *grid.rows[start:]],
            origins=(
                *map(grid.row_number, range(top)),
                grid.row_number(rows.labels),
                *map(grid.row_number, range(start, len(grid.rows))),
            ),
            repeated=frozenset((row - shift, at) for row, at in grid.repeated if row >= start),
            notes=(*grid.notes, f"{', '.join(said)}: the labels are the header"),
        )
    ]


def _without_codes(grid: Grid, position: int) -> list[Grid] | None:
    """Take the codes out of headers all of which hold one beside a label."""
    texts = [str(cell).strip() if is_text(cell) else "" for cell in grid.rows[position]]
    for pattern in _LABELLED:
        found = [pattern.fullmatch(text) for text in texts if text]
        labels = [hit["label"] for hit in found if hit is not None and not is_unit(hit["code"])]
        if len(labels) == len(found) >= FEWEST:
            named = iter(labels)
            header: list[object] = [next(named) if text else None for text in texts]
            rows = [*grid.rows[:position], header, *grid.rows[position + 1 :]]
            said = f"codes beside the labels in row {grid.row_number(position)} left out"
            return [replace(grid, rows=rows, notes=(*grid.notes, said))]
    return None


def _text(cells: Sequence[object], at: int) -> str:
    return str(cells[at]).strip() if at < len(cells) and is_text(cells[at]) else ""


def _header_rows(grid: Grid) -> _Rows:
    """Find the rows of the header: they follow each other, above the first row of data."""
    rows = _Rows()
    for position, cells in grid.filled_rows():
        if position >= MOST_ROWS:
            break
        if rows.units is None and _are_units(cells):
            rows.units = position
        elif rows.labels is None and _are_labels(cells):
            rows.labels = position
        elif rows.codes is None and _are_codes(cells):
            rows.codes = position
        elif rows.found():
            break
    found = rows.found()
    blank_between = found and any(
        any(not is_blank(cell) for cell in grid.rows[row])
        for row in range(found[0], found[-1])
        if row not in found
    )
    return _Rows() if blank_between else rows


def _are_codes(cells: Sequence[object]) -> bool:
    """Whether a row holds names as databases give them; of a Stata header, the last line."""
    filled = [str(cell).split("\n")[-1].strip() for cell in cells if not is_missing(cell)]
    return len(filled) >= FEWEST and all(map(_CODE.fullmatch, filled))


def _are_labels(cells: Sequence[object]) -> bool:
    """Whether a row names columns: words, a year and another known header, and no place."""
    filled = [cell for cell in cells if not is_missing(cell)]
    if len(filled) < FEWEST or not all(is_text(cell) and not is_place(cell) for cell in filled):
        return False
    if all(_CODE.fullmatch(str(cell).strip()) for cell in filled):
        return False
    aliases = (find_alias(YEARBOOK, parse(cell)) for cell in filled)
    targets = {alias.column for alias in aliases if alias is not None}
    return "year" in targets and len(targets) > 1


def _are_units(cells: Sequence[object]) -> bool:
    texts = [cell for cell in cells if not is_blank(cell)]
    # `单位：亿元`, in one cell or merged, is a title of the whole sheet.
    is_title = len(set(map(key, texts))) == 1 and key(texts[0]).startswith(_UNIT_WORDS)
    return (
        bool(texts)
        and not is_title
        and all(
            isinstance(cell, str)
            and (key(cell) in _NO_UNIT or is_unit(cell))
            and not is_number(cell)
            for cell in texts
        )
    )
