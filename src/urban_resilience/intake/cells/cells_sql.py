"""The rules of ``numbers`` once more as SQL, for files too large to hold.

Every expression names its column several times: hand in a column that a subquery has computed, not
an expression, or it is computed as often.
"""

from __future__ import annotations

from collections.abc import Iterable

from urban_resilience.intake.cells.dates import DATES, FIRST_DAY_NUMBER, LAST_DAY_NUMBER, OPEN_ENDS
from urban_resilience.intake.cells.numbers import (
    LARGEST_INTEGER,
    MISSING_MARKS,
    NUMBER,
    THOUSANDS,
    YEAR_ENDINGS,
    Conversion,
)
from urban_resilience.intake.cells.text import FULL_WIDTH, HALF_WIDTH
from urban_resilience.shared.database import quote

_MARKS = ", ".join(quote(mark) for mark in sorted(MISSING_MARKS))
# Spelled out, since to narrow every text just to look it up costs more than the rest.
_MARKS_OF_ANY_WIDTH = ", ".join(
    quote(mark)
    for mark in sorted(
        MISSING_MARKS
        | {
            mark.translate(str.maketrans(HALF_WIDTH[:94], FULL_WIDTH[:94]))
            for mark in MISSING_MARKS
        }
    )
)
# A tab before a code is how people keep Excel from taking it for a number.
_BLANKS = r"e' \t\r\n'"
_WIDE = quote(r"[\x{FF01}-\x{FF5E}\x{3000}\x{00A0}\x{2212}]")


def half_width(column: str) -> str:
    """Half-width text without outer blanks; what needs no change is passed on unseen."""
    # translate() is slow: only where there is something to translate.
    return (
        f"case when {_is_plain_year(column)} then {column} "
        f"when regexp_matches({column}, {_WIDE}) "
        f"then trim(translate({column}, {quote(FULL_WIDTH)}, {quote(HALF_WIDTH)}), {_BLANKS}) "
        f"else trim({column}, {_BLANKS}) end"
    )


def _is_plain_year(column: str) -> str:
    return f"(strlen({column}) = 4 and regexp_full_match({column}, '[0-9]+'))"


def present(narrow: str) -> str:
    """Whether a cell in half width is anything but a mark for a missing figure."""
    return f"not {_is_mark(narrow, _MARKS)}"


def _digits(narrow: str) -> str:
    """Plain spelling of a number, null where the cell is none."""
    return (
        f"(case when regexp_full_match({narrow}, {quote(NUMBER)}) then {narrow} "
        f"when regexp_full_match({narrow}, {quote(THOUSANDS)}) "
        f"then replace(replace({narrow}, ',', ''), ' ', '') end)"
    )


def number(narrow: str, conversion: Conversion) -> str:
    """Read a cell in half width as double; null where it is no number."""
    digits, exponent = _digits(narrow), conversion.exponent
    if conversion.is_identity:
        value = f"try_cast({digits} as double)"
    elif conversion.offset or exponent is None:
        factor, offset = float(conversion.factor), conversion.offset
        value = f"try_cast({digits} as double) * {factor!r} + {offset}"
    else:
        # The spelling is scaled, as in `Conversion.apply`, together with an exponent of its own.
        own = f"cast(regexp_extract({digits}, '[eE](.*)$', 1) as integer)"
        value = (
            f"try_cast(case when contains(lower({digits}), 'e') "
            f"then regexp_extract({digits}, '^(.*)[eE]', 1) || 'e' || ({own} + {exponent}) "
            f"else {digits} || 'e{exponent}' end as double)"
        )
    return f"nullif(nullif({value}, 'inf'::double), '-inf'::double)"


def integer(narrow: str) -> str:
    """Read a cell in half width as a whole number; null where it is none."""
    stem = f"rtrim({narrow}, {quote(YEAR_ENDINGS)})"
    value = f"try_cast({_digits(stem)} as double)"
    # A bare cast would round 2013.5.
    return (
        f"case when {_is_plain_year(narrow)} then cast({narrow} as integer) "
        f"when strlen({narrow}) > 5 and {_is_date(narrow)} then {_year_of_date(narrow)} "
        f"when regexp_full_match({stem}, '[0-9]{{1,9}}') then cast({stem} as integer) "
        f"when {value} = trunc({value}) and abs({value}) <= {LARGEST_INTEGER} "
        f"then cast({value} as integer) end"
    )


def _is_date(narrow: str) -> str:
    """One look at the whole of the patterns: few cells are dates."""
    return f"regexp_full_match({narrow}, {quote('|'.join(DATES))}, 'i')"


def _year_of_date(narrow: str) -> str:
    """Year of the pattern that fits; no two fit one text with different years."""
    years = ", ".join(
        f"nullif(regexp_extract({narrow}, {quote(f'^(?:{pattern})$')}, 1, 'i'), '')"
        for pattern in DATES
    )
    return f"cast(coalesce({years}) as integer)"


def text(column: str, known: Iterable[str] = ()) -> str:
    """Read a column as text; null where a mark says that nothing is known.

    `known` are texts that are none here although they are marks elsewhere.
    """
    # No mark begins as codes do, with a digit or one of the letters A to L. The list makes of the
    # trimmed text one expression: named twice, DuckDB would compute it ahead, for every row.
    listed = f"[trim({column}, {_BLANKS})]"
    kept = ", ".join(quote(word) for word in sorted(known))
    a_known_one = f"when lower({listed}[1]) in ({kept}) then {listed}[1] " if kept else ""
    return (
        f"case when regexp_full_match({column}, '[0-9A-L][!-~]*') then {column} {a_known_one}"
        f"else list_filter({listed}, lambda t: not {_is_mark('t', _MARKS_OF_ANY_WIDTH)})[1] end"
    )


def _is_mark(expression: str, marks: str) -> str:
    # DuckDB turns a long `in (...)` into a join, which would look up every row: not so a list.
    return f"list_contains([{marks}], lower({expression}))"


def membership_year(narrow: str) -> str:
    """Read when a membership begins or ends, as `to_membership_year` does."""
    year = integer(narrow)
    return (
        f"case when {_is_plain_year(narrow)} then cast({narrow} as integer) "
        f"when ({year}) between {FIRST_DAY_NUMBER} and {LAST_DAY_NUMBER} "
        f"then year(date '1899-12-30' + ({year})) else {year} end"
    )


def is_open_end(narrow: str) -> str:
    """Whether a cell in half width says that an end has not come."""
    return _is_mark(narrow, ", ".join(quote(word) for word in sorted(OPEN_ENDS)))


def typed(narrow: str, data_type: str, conversion: Conversion) -> str:
    """Read a cell in half width as the number type of the contract."""
    return number(narrow, conversion) if data_type == "double" else integer(narrow)
