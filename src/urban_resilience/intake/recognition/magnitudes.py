"""Units of columns: what the header states, and what the size of the figures says of it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from urban_resilience.intake.cells.numbers import (
    IDENTITY,
    Conversion,
    Unreadable,
    plain_numbers,
    to_double,
)
from urban_resilience.intake.vocabulary.aliases import Alias
from urban_resilience.intake.vocabulary.contract import Column
from urban_resilience.intake.vocabulary.headers import Header
from urban_resilience.intake.vocabulary.mapping import MAPPING_FILE
from urban_resilience.intake.vocabulary.units import (
    COUNT,
    Unit,
    conversion,
    customary_units,
    find_unit,
    has_one_unit,
    unit_key,
)
from urban_resilience.shared.problems import FileFault

# Fewer cities than this may all be large or all be small: their median proves nothing.
ENOUGH_CITIES = 20
GROSS_FACTOR = 100
# Titles state units of totals: 万元, 亿元. Wages are in 元 below them.
LEAST_OF_TOTALS = 10_000
# Growth rates above these are no fractions: half of everything in one year, 30 percent typically.
LARGEST_FRACTION, LARGEST_TYPICAL_FRACTION = 0.5, 0.3


def resolve_unit(
    column: Column,
    alias: Alias,
    header: Header,
    sheet_unit: str,
    cells: Iterable[object],
    n_cities: int,
) -> tuple[Conversion | None, str]:
    """Return the conversion of a column and how its unit is known; None to leave the column out.

    Raises
    ------
    FileFault
        Where the unit is open, or contradicts the size of the figures.
    """
    if not column.dimension:
        return IDENTITY, ""
    header, instead = _unit_said(alias, header)
    if instead:
        chosen, note = resolve_unit(
            column, replace(alias, said=None), header, sheet_unit, cells, n_cities
        )
        return chosen, "; ".join(filter(None, (instead, note)))
    target = find_unit(column.dimension, column.unit) or Unit(
        "", column.dimension, Fraction(1), 0, True
    )
    implied = find_unit(column.dimension, alias.implied_unit) if alias.implied_unit else None
    stated = find_unit(column.dimension, header.unit) if header.unit else None
    if header.unit and stated is None:
        return None, f"the unit `{header.unit}` does not measure `{column.name}`"
    if implied is not None and implied.offset:
        stated = implied
    stated = stated or implied
    where = ""
    if stated is None and sheet_unit:
        stated, where = find_unit(column.dimension, sheet_unit), " (unit of the whole sheet)"
        if stated is not None and _is_of_totals(column, stated, target, _median(cells)):
            return IDENTITY, (
                f"the unit of the sheet, {stated.text}, does not fit its size: read as "
                f"{column.unit_zh}"
            )
    if stated is not None and stated.offset:
        return _growth(column, header, stated, list(cells))
    if stated is not None:
        chosen = conversion(stated, target)
        _check_magnitude(column, header, stated, target, _median(cells), n_cities)
        return chosen, f"{_describe(stated, column, chosen) or stated.text}{where}" if where else (
            _describe(stated, column, chosen)
        )
    if column.dimension == COUNT:
        return IDENTITY, ""
    if has_one_unit(column.dimension):
        _check_magnitude(column, header, target, target, _median(cells), n_cities)
        return IDENTITY, ""
    return _settle(column, header, target, _median(cells))


def _is_of_totals(column: Column, stated: Unit, target: Unit, median: float | None) -> bool:
    """Whether a title's unit is of totals, and no unit of a figure a head such as wages."""
    chosen = conversion(stated, target)
    return (
        median is not None
        and chosen.factor >= LEAST_OF_TOTALS
        and not _is_plausible(column, chosen, median)
        and _is_plausible(column, IDENTITY, median)
    )


def _unit_said(alias: Alias, header: Header) -> tuple[Header, str]:
    """Put the unit that ``columns.csv`` says in the place of the header's own, and say so."""
    said = alias.said
    if said is None or not said.unit:
        return header, ""
    if unit_key(said.unit) == header.unit:
        return header, ""
    stated = f", not {header.unit}," if header.unit else ""
    return replace(header, unit=unit_key(said.unit)), f"{said.unit}{stated} by {said.place}"


def _growth(
    column: Column, header: Header, stated: Unit, cells: list[object]
) -> tuple[Conversion, str]:
    """Turn growth into an index: in percent as it is stated, or as a fraction where it is one.

    0.12 may be 12 percent or an eighth of one. A growth rate whose figures are all below a half and
    typically below 0.3 in size is a fraction: prices and output of many cities do not all stand
    still. From there to 1 the reading that leaves the plausible range of the index is ruled out.
    """
    sizes = sorted(abs(value) for value in _values(cells))
    percent = Conversion(Fraction(1), stated.offset)
    fraction = Conversion(Fraction(100), stated.offset)
    as_percent = percent, _describe(stated, column, percent)
    note = f"growth as a fraction: x 100, {factor_in_words(percent)}"
    if not sizes or statistics.median(sizes) >= 1:
        return as_percent
    if statistics.median(sizes) < LARGEST_TYPICAL_FRACTION and sizes[-1] < LARGEST_FRACTION:
        return fraction, note
    signed = statistics.median(_values(cells))
    if not _is_plausible(column, fraction, signed) or sizes[-1] >= 1:
        return as_percent
    raise FileFault(
        f"column `{header.text}`: growth with a median of {signed:.3g} could be in percent or a "
        f"fraction (0.12 for 12 percent), for `{column.name}`.",
        "Write the figures in percent, or as an index with the previous year at 100.",
    )


def _describe(stated: Unit, column: Column, chosen: Conversion) -> str:
    if chosen.is_identity:
        return ""
    return f"{stated.text} to {column.unit_zh}: {factor_in_words(chosen)}"


def factor_in_words(chosen: Conversion) -> str:
    """Spell a conversion: ``/ 10,000``, ``x 100``, ``+ 100``."""
    if chosen.offset:
        return f"+ {chosen.offset}"
    if chosen.factor >= 1:
        return f"x {float(chosen.factor):,.10g}"
    return f"/ {float(1 / chosen.factor):,.10g}"


def _settle(
    column: Column, header: Header, target: Unit, median: float | None
) -> tuple[Conversion, str]:
    """Choose the only customary unit under which the figures are of a plausible size."""
    if median is None:
        return IDENTITY, ""
    fitting = [
        unit
        for unit in customary_units(column.dimension)
        if _is_plausible(column, conversion(unit, target), median)
    ]
    if len(fitting) == 1:
        chosen = conversion(fitting[0], target)
        note = f"no unit given, read as {fitting[0].text} by its size"
        described = _describe(fitting[0], column, chosen)
        return chosen, f"{note}; {described}" if described else note
    tried = " or ".join(unit.text for unit in fitting or customary_units(column.dimension))
    raise FileFault(
        f"column `{header.text}` states no unit and could be in {tried}"
        f" (median {median:,.10g}, for `{column.name}`).",
        f"Write the unit into the header, for example `{column.name_zh}({column.unit_zh})`, or say "
        f"it in {MAPPING_FILE}.",
    )


def _is_plausible(column: Column, chosen: Conversion, median: float) -> bool:
    if column.lowest_median is None or column.highest_median is None:
        return False
    value = median * float(chosen.factor) + chosen.offset
    return column.lowest_median <= value <= column.highest_median


def _check_magnitude(
    column: Column,
    header: Header,
    stated: Unit,
    target: Unit,
    median: float | None,
    n_cities: int,
) -> None:
    """Refuse a column that is as a whole a hundred times or more out of its plausible size."""
    low, high = column.lowest_median, column.highest_median
    # An index near 100 does not depend on how large a city is.
    is_enough = n_cities >= ENOUGH_CITIES or column.dimension == "index"
    if median is None or low is None or high is None or not is_enough:
        return
    chosen = conversion(stated, target)
    value = median * float(chosen.factor) + chosen.offset
    if low <= value <= high:
        return
    looks_like, off = "", max(value / high, low / value if value > 0 else 0.0)
    for unit in customary_units(column.dimension):
        other = conversion(unit, target)
        ratio = float(chosen.factor / other.factor)
        gross = max(ratio, 1 / ratio) >= GROSS_FACTOR
        if gross and _is_plausible(column, other, median):
            looks_like, off = unit.text, max(ratio, 1 / ratio)
            break
    growth = Conversion(offset=100)
    if not looks_like and column.dimension == "index" and _is_plausible(column, growth, median):
        looks_like = "a growth rate in %"
    if not looks_like and off < GROSS_FACTOR:
        return
    size = "too large" if value > high else "too small"
    times = f"about {off:,.0f} times {size}" if off >= GROSS_FACTOR else size
    hint = f"; the figures look like {looks_like}" if looks_like else ""
    raise FileFault(
        f"column `{header.text}`: its median is {value:,.6g} {column.unit_zh or 'units'} as "
        f"`{column.name}`, {times} (plausible: {low:,.10g} to {high:,.10g}){hint}.",
        f"Correct the unit in the header, say another in {MAPPING_FILE}, or correct the figures.",
    )


def _median(cells: Iterable[object]) -> float | None:
    values = _values(cells)
    return statistics.median(values) if values else None


def _values(cells: Iterable[object]) -> list[float]:
    values = []
    cells = list(cells)
    numbers = plain_numbers(cells)
    if ... not in numbers:
        return [value for value in numbers if value is not None and value is not ...]
    for cell, plain in zip(cells, numbers, strict=True):
        try:
            value = to_double(cell) if plain is ... else plain
        except Unreadable:
            continue
        if value is not None:
            values.append(value)
    return values
