"""Years in headers: alone (``2010年``, ``Y2010``) or beside the name of a series (``gdp_2010``)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from urban_resilience.intake.cells.dates import year_in_words
from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import clean_header
from urban_resilience.intake.reading.grid import is_text
from urban_resilience.intake.vocabulary.headers import two_digits_behind
from urban_resilience.intake.vocabulary.units import is_unit

FIRST_YEAR, LAST_YEAR = 1949, 2050
_YEAR = r"(?:19|20)\d\d"
_ALONE = re.compile(
    rf"\(?(?:y|x|v|fy|yr|year|_)?[_ ]?({_YEAR})(?:\.0+)?\s*"
    rf"(?:年(?:度|末|份|底)?(?:数据|数值|值|数|合计)?)?[ay]?(?:\s*\(yr\1\))?"
    # Figures of a year that were not final, or were changed since.
    r"(?:\s*\((?:初步(?:核算)?数?|快报数?|修订数?|调整后?|最终(?:核实)?数?|[pr]|prelim(?:inary)?|provisional"
    r"|revised)\))?\)?"
)
_DECEMBER = re.compile(rf"({_YEAR})[-/.年]12(?:[-/.月]31)?(?:[日月]|[ t]00:00:00)?")
# 12/2010 and Dec 2010: a year's figure in the month that ends it.
_IN_DECEMBER = re.compile(rf"(?:12/|dec(?:ember)?[ .-]*)({_YEAR})")
_ENDS = ((12, 31), (12, 1), (1, 1))
_PART = re.compile(
    rf"{_YEAR}(?:[-/.年](?:0?[1-9]|1[0-2])月?|年?(?:前?[一二三四1-4]季度?|[上下]半年|1-\d+月)"
    r"|[-_]?q[1-4])"
)
# The longest ending first and last: of 2010年末总人口 both 年末总人口 and 总人口 may be known.
_BEHIND = re.compile(rf"^(.*?\D)[\s_.\-]*\(?({_YEAR})(?:年度|年末|年)?\)?$")
_BEFORE = re.compile(rf"^\(?(?:fy|yr|year|y)?[_ ]?({_YEAR})\)?(年度|年末|年)?[\s_.\-]*(\D.*)$")
_BRACKETED = re.compile(rf"^(.*?)\(({_YEAR})(?:年度|年末|年)?\)(.*)$")
# `贷款(2010年,亿元)` and `贷款(亿元,2010年)`.
_WITH_UNIT = re.compile(
    rf"^(.*?)\((?:({_YEAR})(?:年度|年末|年)?[,;、]\s*([^()]+)|([^()]+)[,;、]\s*({_YEAR})(?:年度|年末|年)?)\)(.*)$"
)
_UNIT_BEHIND = re.compile(r"\s*(\((?!\s*(?:19|20)\d\d)[^()]*\))$")


@dataclass(frozen=True)
class StubAndYear:
    """A header that names a series and a year; ``stubs`` are readings of the rest."""

    stubs: tuple[str, ...]
    year: int


def year_of(cell: object) -> int | None:
    """Return the year that a cell is, and nothing else; None where it is anything else."""
    if isinstance(cell, bool) or is_missing(cell):
        return None
    if isinstance(cell, dt.date):
        return cell.year if (cell.month, cell.day) in _ENDS else None
    if isinstance(cell, int | float):
        return int(cell) if FIRST_YEAR <= cell <= LAST_YEAR and cell == int(cell) else None
    if not isinstance(cell, str):
        return None
    whole = _year_in_line("".join(cell.split("\n")))
    if whole is not None:
        return whole
    # A header of a Stata file is its label and its name.
    years = {_year_in_line(line) for line in cell.split("\n") if line.strip()}
    return years.pop() if len(years) == 1 else None


def year_and_unit_of(cell: object) -> tuple[int | None, str]:
    """Return the year that a cell is, and a unit in brackets behind it: `2010年(亿元)`."""
    year = year_of(cell)
    if year is not None or not is_text(cell):
        return year, ""
    text = str(cell).strip()
    found = _UNIT_BEHIND.search(clean_header(text))
    if found is None or not is_unit(found.group(1)):
        return None, ""
    return year_of(clean_header(text)[: found.start()]), found.group(1).strip("() ")


def is_part_of_year(cell: object) -> bool:
    """Whether a cell names a month, a quarter or a half of a year: 2010-03, 2010年一季度."""
    return is_text(cell) and bool(_PART.fullmatch(clean_header(cell).replace(" ", "")))


def _year_in_line(line: str) -> int | None:
    plain = clean_header(line)
    found = _ALONE.fullmatch(plain) or _DECEMBER.fullmatch(plain) or _IN_DECEMBER.fullmatch(plain)
    year = int(found.group(1)) if found else year_in_words(plain) or 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def stub_and_year_of(cell: object) -> StubAndYear | None:
    """Take `gdp2010`, `gdp_2010(亿元)` or `2010年GDP` apart; None where it is nothing of the kind.

    A year with other words in its bracket, such as (2010年不变价) or (2010=100), is none.
    """
    if not is_text(cell):
        return None
    # Of a Stata header, the name: labels say anything.
    text = clean_header(str(cell).split("\n")[-1])
    if found := _WITH_UNIT.match(text):
        before, first, behind, ahead, last, after = found.groups()
        if is_unit(stated := (behind or ahead).strip()):
            return StubAndYear((_joined(before, after, f"({stated})"),), int(first or last))
    unit = _UNIT_BEHIND.search(text)
    tail = unit.group(1) if unit else ""
    body = text[: unit.start()] if unit else text
    if found := _BRACKETED.match(body):
        before, year, after = found.groups()
        return StubAndYear((_joined(before, after, tail),), int(year))
    if found := _BEHIND.match(body):
        return StubAndYear((_joined(found.group(1), tail),), int(found.group(2)))
    if found := _BEFORE.match(body):
        year, ending, rest = found.groups()
        readings = [_joined(rest, tail)]
        if ending and ending != "年":
            readings.append(_joined(ending[1:] + rest, tail))
            readings.append(_joined(ending + rest, tail))
        return StubAndYear(tuple(readings), int(year))
    return None


def two_digit_stub(cell: object) -> StubAndYear | None:
    """Take `gdp10` apart: a header whose year, if it is one, has two digits."""
    found = two_digits_behind(cell) if is_text(cell) else None
    if found is None:
        return None
    stub, digits = found
    century = 1900 if 1900 + digits >= FIRST_YEAR else 2000
    return StubAndYear((stub,), century + digits)


def _joined(*parts: str) -> str:
    return "".join(part.strip(" _.-") for part in parts)
