"""Units of measurement in headers, and exact factors between them.

A series may be in a unit that the seed of conversions does not know, such as micrograms per cubic
metre or a currency: then that unit is the only one its column can be in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from urban_resilience.intake.cells.numbers import Conversion
from urban_resilience.intake.cells.text import clean_header
from urban_resilience.shared.problems import IntakeError, Problem
from urban_resilience.shared.project import seed_rows

_GROUPED = re.compile(r"(?<=\d)[ ,](?=\d{3})")
_NOISE = re.compile(r"[\s_.]+")
# What needs no conversion: a number of things, the same in every language.
COUNT = "count"
_LABEL = re.compile(r"^(计量)?单位[:：]?|^units?[:：]?\s*|^in[ _]")


@dataclass(frozen=True)
class Unit:
    """A unit of the seed ``unit_conversions``; ``factor`` is in base units of the dimension."""

    text: str
    dimension: str
    factor: Fraction
    offset: int
    is_customary: bool


def unit_key(text: object) -> str:
    """Spell a unit in one way: ``10,000 persons`` and ``10 000Persons`` are one unit."""
    plain = _LABEL.sub("", clean_header(text).strip("() "))
    return _NOISE.sub("", _GROUPED.sub("", plain))


@cache
def units() -> dict[str, dict[str, Unit]]:
    """Read the units: dimension by dimension, by their key."""
    found: dict[str, dict[str, Unit]] = {}
    for row in seed_rows("unit_conversions"):
        try:
            factor, offset = Fraction(row["factor"]), int(row["offset_to_index"])
        except (ValueError, ZeroDivisionError):
            what = f"unit `{row['unit']}`: factor and offset_to_index must be numbers."
            raise IntakeError([Problem(row.seed, what, "Correct the row.")]) from None
        unit = Unit(row["unit"], row["dimension"], factor, offset, row["is_customary"] == "true")
        found.setdefault(unit.dimension, {}).setdefault(unit_key(unit.text), unit)
    for row in seed_rows("raw_columns"):
        dimension = measured_in(row["dimension"], row["unit"])
        if dimension != row["dimension"]:
            unit = Unit(row["unit"], dimension, Fraction(1), 0, True)
            for spelling in filter(None, (row["unit"], row["unit_zh"])):
                found.setdefault(dimension, {}).setdefault(unit_key(spelling), unit)
    return found


@cache
def _converted() -> frozenset[str]:
    """Dimensions between whose units the seed converts."""
    return frozenset(row["dimension"] for row in seed_rows("unit_conversions"))


def measured_in(dimension: str, unit: str) -> str:
    """Name what figures of a series are compared in.

    That is their dimension where units are converted; of any other dimension figures in two units
    have nothing to do with each other.
    """
    if not dimension or dimension == COUNT or dimension in _converted():
        return dimension
    return f"{dimension} in {unit}"


def has_one_unit(dimension: str) -> bool:
    """Whether the figures of a dimension can be in no other unit than the column's own."""
    return dimension == COUNT or dimension not in _converted()


@cache
def unit_keys() -> frozenset[str]:
    """Every spelling of every unit."""
    return frozenset(key for by_key in units().values() for key in by_key)


def is_unit(text: object) -> bool:
    """Whether the text is a unit of any dimension."""
    return unit_key(text) in unit_keys()


def find_unit(dimension: str, text: str) -> Unit | None:
    """Look a spelling up in one dimension; 万 is persons here and yuan there."""
    return units().get(dimension, {}).get(unit_key(text))


def conversion(source: Unit, target: Unit) -> Conversion:
    """Return how values of one unit become values of another of the same dimension."""
    if source.offset:
        return Conversion(Fraction(1), source.offset)
    return Conversion(source.factor / target.factor)


def unit_of(dimension: str, target: str, chosen: Conversion) -> str:
    """Name the unit whose figures a conversion to `target` fits; empty where none does."""
    known = units().get(dimension, {})
    into = find_unit(dimension, target)
    if into is None or dimension == COUNT:
        return ""
    of_same = (unit for unit in known.values() if conversion(unit, into) == chosen)
    return next((unit.text for unit in sorted(of_same, key=lambda u: not u.is_customary)), "")


def customary_units(dimension: str) -> list[Unit]:
    """Units worth trying where a header states none."""
    return [unit for unit in units().get(dimension, {}).values() if unit.is_customary]
