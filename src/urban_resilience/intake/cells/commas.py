"""A comma before three digits: it groups thousands, or is the decimal sign of other countries."""

from __future__ import annotations

import re
from collections.abc import Iterable

from urban_resilience.intake.cells.text import half_width

_GROUP = re.compile(r"[+-]?[0-9]{1,3},[0-9]{3}")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+[.][0-9]*|[+-]?[0-9]{1,3}(,[0-9]{3}){2,}")
_DECIMAL = re.compile(r"[+-]?(0,[0-9]+|[0-9]+,([0-9]{1,2}|[0-9]{4,}))")
_FRACTION = re.compile(r"[+-]?[0-9]*[.][0-9]*[1-9][0-9]*")
WHY = (
    "may be a thousand times as much as it says: other figures of the column show decimals, so the "
    "comma may be a decimal sign. Write the column without commas"
)


def commas_are_open(cells: Iterable[object]) -> bool:
    """Whether `1,234` among these cells of a column may be 1.234.

    Thousands are certain where a cell has two commas, or a point behind a comma; otherwise, where
    no other cell of the column shows decimals.
    """
    written = [cell for cell in cells if isinstance(cell, str)]
    if not any("," in text or "，" in text for text in written):
        return False
    texts = [half_width(text).strip() for text in written]
    if not any(map(_GROUP.fullmatch, texts)):
        return False
    if any(map(_DECIMAL.fullmatch, texts)):
        return True
    if any(map(_THOUSANDS.fullmatch, texts)):
        return False
    return any(map(_FRACTION.fullmatch, texts))


def is_open(cell: object) -> bool:
    """Whether a cell is such a figure."""
    return isinstance(cell, str) and _GROUP.fullmatch(half_width(cell).strip()) is not None
