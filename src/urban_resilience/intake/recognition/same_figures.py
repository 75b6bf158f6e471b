"""Columns of one name that say the same: in one unit, or in two but for the digits printed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from urban_resilience.intake.cells.numbers import (
    Conversion,
    Unreadable,
    decimal_text,
    is_missing,
    to_double,
)
from urban_resilience.intake.recognition.magnitudes import resolve_unit
from urban_resilience.intake.vocabulary.aliases import Alias
from urban_resilience.intake.vocabulary.contract import Column
from urban_resilience.intake.vocabulary.headers import Header
from urban_resilience.shared.problems import FileFault

# Position of a column, its header and what it is known as.
Claim = tuple[int, Header, Alias]


def the_same(
    claims: Sequence[Claim],
    cells: Sequence[Sequence[object]],
    column: Column | None,
    sheet_unit: str,
    n_cities: int,
) -> list[Claim]:
    """Return the claims, the most exact first, where all say the same in every row; else none.

    Parameters
    ----------
    claims
        Of columns of one name.
    cells
        Of the sheet, column by column.
    column
        What they are; None where it is no column of the table.
    sheet_unit, n_cities
        As `resolve_unit` asks.
    """
    (first, header, _), *others = claims
    if all(is_missing(cell) for cell in cells[first]):
        return []
    if all(o.unit == header.unit and list(cells[at]) == list(cells[first]) for at, o, _ in others):
        return list(claims)
    if column is None or not column.dimension:
        return []
    read = []
    for claim in claims:
        at, own, alias = claim
        try:
            chosen, _ = resolve_unit(column, alias, own, sheet_unit, cells[at], n_cities)
            if chosen is None:
                return []
            values = [to_double(cell, chosen) for cell in cells[at]]
        except (FileFault, Unreadable):
            return []
        read.append((_half_a_digit(cells[at], chosen), values, claim))
    read.sort(key=lambda item: item[0])
    _, exact, _ = read[0]
    for spread, values, _ in read[1:]:
        if not all(_agree(a, b, spread) for a, b in zip(exact, values, strict=True)):
            return []
    return [claim for _, _, claim in read]


def _half_a_digit(cells: Sequence[object], chosen: Conversion) -> float:
    """Return half of the last digit that a column prints, in the unit of the contract."""
    texts = [decimal_text(cell) for cell in cells if not is_missing(cell)]
    n_digits = max(len(text.partition(".")[2]) for text in texts) if texts else 0
    return float(Fraction(1, 2 * 10**n_digits) * chosen.factor)


def _agree(one: float | None, other: float | None, spread: float) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= spread * (1 + 1e-9)
