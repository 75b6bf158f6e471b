"""Exports of CSMAR and CNRDS: codes in the first row, labels in the second, units in the third."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import key
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.naming import is_place
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.intake.vocabulary.units import is_unit

FEWEST = 3
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NO_UNIT = frozenset({"没有单位", "无单位", "无"})
# Labels that mean a key in these exports only.
_LABELS = {"年度标识": "年份", "统计截止日期": "年份", "统计年份": "年份"}


def coded_headers(grid: Grid) -> list[Grid] | None:
    """Let the labels, with their units, be the header."""
    if len(grid.rows) < FEWEST or grid.has_header_first:
        return None
    codes, labels = grid.rows[0], grid.rows[1]
    filled = [cell for cell in codes if not is_missing(cell)]
    if len(filled) < FEWEST or not all(_is_code(cell) for cell in filled):
        return None
    if not _are_labels(codes, labels):
        return None
    units = grid.rows[2] if _are_units(grid.rows[2]) else []
    start = 3 if units else 2
    header: list[object] = []
    for at, label in enumerate(labels):
        text = str(label).strip() if is_text(label) else str(codes[at])
        unit = str(units[at]).strip() if at < len(units) and is_text(units[at]) else ""
        text = _LABELS.get(key(text), text)
        header.append(f"{text}({unit})" if unit and key(unit) not in _NO_UNIT else text)
    said = "row 1 holds codes" + (", row 2 labels, row 3 units" if units else ", row 2 labels")
    return [
        replace(
            grid,
            rows=[header, *grid.rows[start:]],
            origins=(2, *range(start + 1, len(grid.rows) + 1)),
            repeated=frozenset((row - start + 1, at) for row, at in grid.repeated if row >= start),
            notes=(*grid.notes, f"{said}: the labels are the header"),
        )
    ]


def _is_code(cell: object) -> bool:
    return isinstance(cell, str) and bool(_CODE.fullmatch(cell.strip()))


def _are_labels(codes: Sequence[object], labels: Sequence[object]) -> bool:
    """Whether a row names columns: words in every one, a key and another known header, no place."""
    cells = [labels[at] if at < len(labels) else None for at in range(len(codes))]
    if not all(is_text(cell) and not is_place(cell) for cell in cells):
        return False
    if all(map(_is_code, cells)):
        return False
    known = [text for cell in cells if (text := _LABELS.get(key(cell), str(cell)))]
    targets = {alias.column for text in known if (alias := find_alias(YEARBOOK, parse(text)))}
    return "year" in targets and len(targets) > 1


def _are_units(cells: Sequence[object]) -> bool:
    texts = [cell for cell in cells if not is_missing(cell) or key(cell) in _NO_UNIT]
    return bool(texts) and all(
        isinstance(cell, str) and (key(cell) in _NO_UNIT or is_unit(cell)) for cell in texts
    )
