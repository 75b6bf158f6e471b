"""Cells to numbers: what is missing, what is a number, and what is neither."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from types import EllipsisType, NoneType
from typing import Any, TypeGuard

from urban_resilience.intake.cells.dates import (
    FIRST_DAY_NUMBER,
    LAST_DAY_NUMBER,
    OPEN_ENDS,
    year_of_date,
)
from urban_resilience.intake.cells.text import half_width

# What yearbooks and statistics programs print for "no figure". Zero is a figure.
MISSING_MARKS = frozenset(
    {
        "", "-", "--", "---", "----", "-----", "—", "——", "–", "――", "―", "…", "……", "...",
        "......", ".", "..",
        "na", "n.a.", "n.a", "n/a", "#n/a", "<na>", "nan", "null", "none", "nil", "\\n",
        "/", "缺", "缺失", "无", "暂无", "不详", "无数据", "暂无数据", "暂缺", "未公布", "未统计",
        "空", "空值", "缺省", "未知", "无资料", "no data", "missing", "not available", "unknown",
        "n.d.", "nd", "—-", "~", "空缺", "缺项", ":", "数据缺失", "(缺)", "[缺]", "(空白)", "(空)",
        "保密", "待查", "未填",
        # Stata's own kinds of missing, in a data set written out as text.
        *(f".{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
    }
)  # fmt: skip
NUMBER = r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?"
THOUSANDS = r"[+-]?[0-9]{1,3}([, ][0-9]{3})+([.][0-9]+)?"
_NUMBER = re.compile(NUMBER)
# No sign that a conversion has to look at, and too short to be no number of a double.
PLAIN = r"-?[0-9]{1,15}(?:[.][0-9]{1,20})?"
_PLAIN = re.compile(PLAIN)
# A column of such cells and of empty ones, a line each.
_PLAIN_COLUMN = re.compile(rf"(?:(?:{PLAIN})?\n)*+")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]{1,2}|[+-]?[0-9]{1,3}([.][0-9]{3})+,[0-9]+")
_BEFORE_WORDS = re.compile(rf"(?:{NUMBER}|{THOUSANDS}) *[^\W\d_a-zA-Z]{{1,4}}")
_MARK = "[\u00b9\u00b2\u00b3\u2070\u2074-\u2079\u2460-\u2473\u2776-\u277f*†‡#]"
# Also [1] and (r), as statistics offices mark what they revised or estimated.
_NOTE = (
    rf"(?:{_MARK}|\[[0-9a-z]{{1,2}}\]|\((?:[0-9]{{1,2}}|[a-z]{{1,2}})\)| [a-z]{{1,2}}(?![0-9a-z])"
    r"| [0-9]{1,2}\)|注[0-9]{0,2})"
)
_FOOTNOTED = re.compile(rf"{_MARK}*(?:{NUMBER}|{THOUSANDS}) *{_NOTE}*", re.IGNORECASE)
# What a program writes for a formula that has no value; `#N/A` says that there is nothing.
_ERROR = re.compile(r"#[A-Z0-9/!?]+[!?]?", re.IGNORECASE)
_CURRENCIES = ("¥", "￥", "$", "€")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff]")
_APOSTROPHES = ("'", "’", "‘", "`")
_NO_DIGIT = re.compile(r"[^0-9〇零一二三四五六七八九十百千万亿两]*")
# What other countries put between groups of three digits.
_GROUPS = re.compile(r"[0-9]{1,3}(?:['’、.\u2009\u202f][0-9]{3})+")
_APPROXIMATE = re.compile(
    rf"(?:[<>≈~≥≤]|约|近|超|逾) *{NUMBER}|{NUMBER} *(?:左右|以上|多|余|[+↑↓])"
)
_IN_BRACKETS = re.compile(rf"[(](?:{NUMBER}|{THOUSANDS})[)]")
_LARGEST_WHOLE = 2**53
_THOUSANDS = re.compile(THOUSANDS)
# `2013年`, `2013年度`, `2013年末`, `2013年份`, `2013年初`, `2013年底`.
YEAR_ENDINGS = "年度末份初底"
LARGEST_INTEGER = 2**31 - 1
_YEAR = r"(?:19|20)[0-9]{2}"
_PART_OF_YEAR = re.compile(
    rf"{_YEAR}[-_/年 ]*(?:[qh][1-4]|(?:第?[一二三四1-4]|前[一二三]个?)季度?|[上下]半年)",
    re.IGNORECASE,
)
_YEARS = re.compile(rf"{_YEAR}年? *[-—–~至到/]+ *{_YEAR}年?")
# 190001: from here on a whole number may be a date.
FIRST_DATE = 190_001


class Unreadable(Exception):
    """A cell that is neither missing nor what its column needs; the message is the reason."""


@dataclass(frozen=True)
class Conversion:
    """``value * factor + offset``, exactly.

    Attributes
    ----------
    factor
        Units of the contract in one unit of the file.
    offset
        100 where a growth rate becomes an index, otherwise 0.
    """

    factor: Fraction = Fraction(1)
    offset: int = 0

    @cached_property
    def is_identity(self) -> bool:
        """Whether values stay as they are."""
        return self.factor == 1 and self.offset == 0

    @cached_property
    def exponent(self) -> int | None:
        """Return the power of ten that the factor is, None where it is none."""
        power = max(self.factor.numerator, self.factor.denominator)
        digits = len(str(power)) - 1
        if min(self.factor.numerator, self.factor.denominator) != 1 or power != 10**digits:
            return None
        return digits if self.factor >= 1 else -digits

    def apply(self, decimal: str) -> float:
        """Convert a number in its decimal spelling.

        The spelling is scaled, not the double: 12345.6 (10,000 yuan) becomes 1.23456 (100 million
        yuan), the same double that a file in 100 million yuan would have given. Dividing the
        double by 10000 can miss it by one unit in the last place.
        """
        exponent = self.exponent
        if self.offset == 0 and exponent is not None:
            if "e" not in decimal and "E" not in decimal:
                return float(f"{decimal}e{exponent}") if exponent else float(decimal)
            if exponent == 0:
                return float(decimal)
        exact = Fraction(decimal) * self.factor + self.offset
        return float(exact)


IDENTITY = Conversion()


def is_missing(cell: object) -> bool:
    """Whether a cell says that there is no figure."""
    if cell is None:
        return True
    if isinstance(cell, str):
        # No mark begins with a digit.
        return not cell[:1].isdigit() and half_width(cell).strip().casefold() in MISSING_MARKS
    return isinstance(cell, float) and math.isnan(cell)


def decimal_text(cell: object) -> str:
    """Spell the number in a cell in plain ASCII.

    Raises
    ------
    Unreadable
        Where the cell holds no number.
    """
    if isinstance(cell, str):
        plain = half_width(cell).strip()
        if _NUMBER.fullmatch(plain):
            return plain
        if _THOUSANDS.fullmatch(plain):
            return plain.replace(",", "").replace(" ", "")
        if _DECIMAL_COMMA.fullmatch(plain):
            raise Unreadable("is not a number: write a point for the decimal comma")
        if _FOOTNOTED.fullmatch(plain):
            raise Unreadable("is not a number: take the mark of a footnote off")
        if _ERROR.fullmatch(plain):
            raise Unreadable("is the error of a formula: correct it, or empty the cell")
        if plain[:1] in _CURRENCIES:
            raise Unreadable("is not a number: take the sign of the currency off")
        if _INVISIBLE.search(plain):
            raise Unreadable("is not a number: a character in it is invisible, type it anew")
        if plain[:1] in _APOSTROPHES and _NUMBER.fullmatch(plain[1:]):
            raise Unreadable("is not a number: take the apostrophe off")
        if _IN_BRACKETS.fullmatch(plain):
            raise Unreadable("is not a number: brackets may be a minus or an estimate")
        if _GROUPS.fullmatch(plain):
            raise Unreadable("is not a number: take the signs between its digits out")
        if _APPROXIMATE.fullmatch(plain):
            raise Unreadable("is not a number: write the figure alone")
        if plain.endswith("%"):
            raise Unreadable(
                "is not a number: give every cell of the column a percent sign, or none"
            )
        if _NO_DIGIT.fullmatch(plain):
            raise Unreadable("is not a number: empty the cell where it says that there is none")
        if _BEFORE_WORDS.fullmatch(plain):
            raise Unreadable("is not a number: write the unit behind it into the header")
        raise Unreadable("is not a number")
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Unreadable("is not a number")
    if isinstance(cell, float) and not math.isfinite(cell):
        raise Unreadable("is not a finite number")
    return repr(cell)


def to_double(cell: object, conversion: Conversion = IDENTITY) -> float | None:
    """Read a cell as a number; None where it is missing.

    Raises
    ------
    Unreadable
        Where it holds anything else.
    """
    is_plain = type(cell) is str and _NUMBER.fullmatch(cell)
    if not is_plain and is_missing(cell):
        return None
    if type(cell) is float and conversion.is_identity and math.isfinite(cell):
        return cell
    try:
        value = conversion.apply(str(cell) if is_plain else decimal_text(cell))
    except OverflowError:
        raise Unreadable("is too large for a number") from None
    if not math.isfinite(value):
        raise Unreadable("is too large for a number")
    return value


def plain_numbers(
    cells: Sequence[object], conversion: Conversion = IDENTITY
) -> list[float | EllipsisType | None]:
    """Read the cells of a column that need no second look, as `to_double` does.

    Returns
    -------
    list
        One per cell: its number, None where nothing stands in it, and ``...`` where `to_double`
        has to look at it.
    """
    identity, power = conversion.is_identity, conversion.exponent
    is_scaled = power is not None and conversion.offset == 0
    behind = f"e{power}" if power else ""
    read: list[float | EllipsisType | None] = []
    if is_scaled and _are_plain(cells):
        return [float(cell + behind) if cell else None for cell in cells]
    for cell in cells:
        value: float | EllipsisType | None = ...
        if cell is None or cell == "":
            value = None
        elif type(cell) is float:
            if math.isfinite(cell) and (identity or is_scaled):
                text = "" if identity else repr(cell)
                value = cell if identity else ... if "e" in text else float(text + behind)
        elif type(cell) is str:
            if is_scaled and _PLAIN.fullmatch(cell):
                value = float(cell + behind)
        elif type(cell) is int and identity and abs(cell) < _LARGEST_WHOLE:
            value = float(cell)
        read.append(value)
    return read


def _are_plain(cells: Sequence[Any]) -> TypeGuard[Sequence[str | None]]:
    """Whether every cell is empty or text that needs no second look; one search for all."""
    if not set(map(type, cells)) <= {str, NoneType}:
        return False
    lines = "\n".join([cell or "" for cell in cells]) + "\n"
    return lines.count("\n") == len(cells) and _PLAIN_COLUMN.fullmatch(lines) is not None


def to_integer(cell: object) -> int | None:
    """Read a cell as a whole number (a year); None where it is missing.

    ``2013``, ``2013.0``, ``2013年`` and a date, typed or not, all name a year.
    """
    if is_missing(cell):
        return None
    if isinstance(cell, dt.date):
        return cell.year
    if type(cell) is int and abs(cell) < FIRST_DATE:
        return cell
    if isinstance(cell, str):
        cell = half_width(cell).strip()
        if len(cell) == 4 and cell.isascii() and cell.isdigit():
            return int(cell)
    if (year := year_of_date(str(cell))) is not None:
        return year
    if isinstance(cell, str):
        if _PART_OF_YEAR.fullmatch(cell):
            raise Unreadable("is a part of a year: figures of whole years are read")
        if _YEARS.fullmatch(cell):
            raise Unreadable("are several years: give each a row of its own")
        cell = cell.rstrip(YEAR_ENDINGS)
        if _BEFORE_WORDS.fullmatch(cell):
            # Words behind a year are no unit.
            raise Unreadable("is not a whole number")
    value = Fraction(decimal_text(cell))
    if value.denominator != 1 or abs(value) > LARGEST_INTEGER:
        raise Unreadable("is not a whole number")
    return int(value)


def to_membership_year(cell: object, is_end: bool) -> int | None:
    """Read when a membership begins or ends: a year, a date, or the day number of a spreadsheet.

    None where it is missing and where an end is open (长期, 至今, permanent).

    Raises
    ------
    Unreadable
        Where it is anything else.
    """
    if is_end and isinstance(cell, str) and half_width(cell).strip().casefold() in OPEN_ENDS:
        return None
    year = to_integer(cell)
    if year is not None and FIRST_DAY_NUMBER <= year <= LAST_DAY_NUMBER:
        return (dt.date(1899, 12, 30) + dt.timedelta(days=year)).year
    return year


def to_text(cell: object) -> str | None:
    """Read a cell as text; a code that a program took for a number loses its decimals."""
    if is_missing(cell):
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell).strip()


def read_cell(cell: object, data_type: str, conversion: Conversion = IDENTITY) -> Any:
    """Read a cell as a contract type: varchar, integer or double."""
    if data_type == "double":
        return to_double(cell, conversion)
    return to_integer(cell) if data_type == "integer" else to_text(cell)
