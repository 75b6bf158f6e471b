"""What an expression may call: each function once, with its meaning in words and in SQL.

Functions over the years of a city read the complete years that cleaning gives: the row before is
the year before. Those of a year look across all its cities that have the value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

CITY_YEARS = "(partition by city_code order by year)"
YEAR = "(partition by year)"


@dataclass(frozen=True)
class Function:
    """One function of the language.

    Attributes
    ----------
    arguments
        As a reader would write them.
    meaning
        In words.
    n_values, n_counts
        Expressions it takes, then whole numbers; the last of these may be left out where
        ``default_count`` says what it is then.
    sql
        Writes it; gets the SQL of the expressions, then the whole numbers.
    is_window
        It reads other rows, so what it is given must be a column.
    smallest_count
        Lowest whole number that has a meaning.
    """

    arguments: str
    meaning: str
    sql: Callable[..., str]
    n_values: int = 1
    n_counts: int = 0
    default_count: int | None = None
    is_window: bool = False
    smallest_count: int = 1


def _lag(x: str, n: int) -> str:
    return f"lag({x}, {n}) over {CITY_YEARS}"


def _rolling(aggregate: str) -> Callable[[str, int], str]:
    def write(x: str, n: int) -> str:
        frame = (
            f"(partition by city_code order by year rows between {n - 1} preceding and current row)"
        )
        return f"case when count({x}) over {frame} = {n} then {aggregate}({x}) over {frame} end"

    return write


def _in_year(aggregate: str) -> Callable[[str], str]:
    return lambda x: f"{aggregate}({x}) over {YEAR}"


FUNCTIONS: dict[str, Function] = {
    "ln": Function("x", "natural logarithm, missing unless x > 0", lambda x: _logarithm(x)),
    "log10": Function(
        "x", "logarithm to base 10, missing unless x > 0",
        lambda x: f"case when {x} > 0 then log10({x}) end",
    ),
    "log1p": Function(
        "x", "ln(1 + x), missing unless x > -1", lambda x: _logarithm(f"(1 + {x})")
    ),
    "exp": Function("x", "e to the power of x", lambda x: _finite(f"exp({x})")),
    "sqrt": Function(
        "x", "square root, missing where x < 0", lambda x: f"case when {x} >= 0 then sqrt({x}) end"
    ),
    "abs": Function("x", "absolute value", lambda x: f"abs({x})"),
    "sign": Function("x", "-1, 0 or 1", lambda x: f"sign({x})"),
    "power": Function("x, y", "x to the power of y", lambda x, y: _power(x, y), n_values=2),
    "greatest": Function(
        "x, y", "the larger, missing where either is",
        lambda x, y: f"case when {x} is not null and {y} is not null then greatest({x}, {y}) end",
        n_values=2,
    ),
    "least": Function(
        "x, y", "the smaller, missing where either is",
        lambda x, y: f"case when {x} is not null and {y} is not null then least({x}, {y}) end",
        n_values=2,
    ),
    "lag": Function(
        "x, n", "x of n years before (1 unless stated)", _lag, n_counts=1, default_count=1,
        is_window=True,
    ),
    "lead": Function(
        "x, n", "x of n years after (1 unless stated)",
        lambda x, n: f"lead({x}, {n}) over {CITY_YEARS}", n_counts=1, default_count=1,
        is_window=True,
    ),
    "diff": Function(
        "x, n", "x minus x of n years before (1 unless stated)",
        lambda x, n: f"{x} - {_lag(x, n)}", n_counts=1, default_count=1, is_window=True,
    ),
    "growth": Function(
        "x, n", "x over x of n years before, minus 1 (1 unless stated)",
        lambda x, n: f"{x} / nullif({_lag(x, n)}, 0) - 1", n_counts=1, default_count=1,
        is_window=True,
    ),
    "rolling_mean": Function(
        "x, n", "mean of the year and the n - 1 before, missing unless all are there",
        _rolling("avg"), n_counts=1, is_window=True,
    ),
    "rolling_sd": Function(
        "x, n", "population standard deviation of the year and the n - 1 before, missing unless "
        "all are there", _rolling("stddev_pop"), n_counts=1, is_window=True, smallest_count=2,
    ),
    "mean_in_year": Function(
        "x", "mean over the cities of the year", _in_year("avg"), is_window=True
    ),
    "median_in_year": Function(
        "x", "median over the cities of the year", _in_year("median"), is_window=True
    ),
    "sd_in_year": Function(
        "x", "sample standard deviation over the cities of the year", _in_year("stddev_samp"),
        is_window=True,
    ),
    "sum_in_year": Function(
        "x", "sum over the cities of the year", _in_year("sum"), is_window=True
    ),
    "first_in_city": Function(
        "x", "first value that the city has, of whatever year",
        lambda x: (
            f"first_value({x} ignore nulls) over (partition by city_code order by year "
            "rows between unbounded preceding and unbounded following)"
        ),
        is_window=True,
    ),
}  # fmt: skip


def _logarithm(x: str) -> str:
    return f"case when {x} > 0 then ln({x}) end"


def _power(x: str, y: str) -> str:
    return _finite(f"pow({x}, {y})")


def _finite(sql: str) -> str:
    """Let what overflows, and a root of a negative number, be missing."""
    return f"case when isfinite({sql}) then {sql} end"


# How the parser names signs of arithmetic, and what is written for them.
ARITHMETIC: dict[str, Callable[[str, str], str]] = {
    "+": lambda x, y: f"{x} + {y}",
    "-": lambda x, y: f"{x} - {y}",
    "*": lambda x, y: f"{x} * {y}",
    # Over zero there is no ratio.
    "/": lambda x, y: f"{x} / nullif({y}, 0)",
    "**": _power,
    "^": _power,
}
COMPARISONS = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}


def language_in_words() -> list[tuple[str, str]]:
    """Every function as it is written, with its meaning: for documents and messages."""
    return [(f"{name}({item.arguments})", item.meaning) for name, item in FUNCTIONS.items()]
