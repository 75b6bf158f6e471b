"""Expressions of the study's seeds, evaluated on grids with NumPy.

The warehouse has DuckDB parse them and writes SQL; here they are read by a parser of one page and
computed cell by cell, so that each can be held against the other. Signs bind as in DuckDB (and
PostgreSQL): ``or``, ``and``, ``not``, ``is null``, comparisons, ``between`` and ``in``, ``+ -``,
``* /``, ``** ^`` (from the left), and the sign of a number tightest of all.

Truth values are numbers, 1 for true and 0 for false; ``nan`` is neither (Kleene's three-valued
logic, as in SQL). Text is an array of objects with None where it is missing.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping

import numpy as np

from urban_resilience.formulas.grid_functions import call, finite

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>'(?:[^']|'')*')"
    r"|(?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?P<sign>\*\*|<>|!=|<=|>=|==|[-+*/^=<>(),]))"
)
COMPARISONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "=": operator.eq, "==": operator.eq, "<>": operator.ne, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
Read = Callable[[str], np.ndarray]


def evaluate(text: str, read: Read, shape: tuple[int, int]) -> np.ndarray:
    """Compute one expression.

    Parameters
    ----------
    text
        The expression.
    read
        Gives the grid of a name, which may be ``kind.name``.
    shape
        (n_cities, n_years).

    Returns
    -------
    ndarray, shape (n_cities, n_years)

    Raises
    ------
    ValueError
        The text is no expression.
    KeyError
        A function or (from `read`) a name is unknown.
    """
    reader = _Reader(text, read, shape)
    found = reader.any_of()
    if reader.next is not None:
        raise ValueError(f"{text!r} does not end where its expression does: {reader.next!r}")
    return np.broadcast_to(found, shape)


def evaluate_all(
    definitions: Mapping[str, str], data: Mapping[str, np.ndarray], shape: tuple[int, int]
) -> dict[str, np.ndarray]:
    """Compute definitions that may name each other.

    Parameters
    ----------
    definitions
        Expression by name. A name in an expression is a definition where there is one, and data
        otherwise; a definition's own name is always data.
    data
        Grids by name, plain or with their kind.

    Returns
    -------
    dict of ndarray
        Definitions that come from data alone; those that name anything else are left out.
    """
    found: dict[str, np.ndarray] = {}

    def value(name: str) -> np.ndarray:
        def read(named: str) -> np.ndarray:
            plain = named.removeprefix("variable.")
            return value(plain) if plain in definitions and plain != name else data[named]

        if name not in found:
            found[name] = evaluate(definitions[name], read, shape)
        return found[name]

    for name in definitions:
        try:
            value(name)
        except KeyError:
            continue
    return found


def is_missing(values: np.ndarray) -> np.ndarray:
    """Tell which cells are missing, of numbers or of text."""
    if values.dtype != object:
        return np.isnan(values)
    return np.array([text is None for text in values.flat]).reshape(values.shape)


def _truth(answer: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    return np.where(unknown, np.nan, answer.astype(float))


def _negated(x: np.ndarray) -> np.ndarray:
    """Of a truth value, or of a number that stands for one: whatever is not zero is true."""
    return _truth(x == 0, np.isnan(x))


def _compared(sign: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    unknown = is_missing(x) | is_missing(y)
    if object in (x.dtype, y.dtype):
        x, y = (np.where(unknown, "", side) for side in (x, y))
    return _truth(np.asarray(COMPARISONS[sign](x, y)), unknown)


def _both(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    is_false = (x == 0) | (y == 0)
    return _truth(~is_false, ~is_false & (np.isnan(x) | np.isnan(y)))


def _either(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _negated(_both(_negated(x), _negated(y)))


class _Reader:
    """Reads a text from left to right, and computes what it reads."""

    def __init__(self, text: str, read: Read, shape: tuple[int, int]):
        self.text, self.read, self.shape, self.place = text, read, shape, 0
        self.next: str | None = None
        self.kind = ""
        self.advance()

    def advance(self) -> str:
        taken = self.next or ""
        match = TOKEN.match(self.text, self.place)
        if match is None:
            if self.text[self.place :].strip():
                raise ValueError(f"{self.text!r} cannot be read from {self.text[self.place :]!r}")
            self.next, self.kind = None, ""
            return taken
        self.place, self.kind = match.end(), str(match.lastgroup)
        self.next = match.group(self.kind)
        if self.kind == "word":
            self.next = self.next.lower()
        return taken

    def takes(self, *wanted: str) -> str:
        """Take the next word or sign if it is one of these; empty if it is not."""
        is_wanted = self.kind in ("word", "sign") and self.next in wanted
        return self.advance() if is_wanted else ""

    def expect(self, wanted: str) -> None:
        if not self.takes(wanted):
            raise ValueError(f"{self.text!r}: {wanted!r} is wanted where {self.next!r} stands")

    def any_of(self) -> np.ndarray:
        found = self.all_of()
        while self.takes("or"):
            found = _either(found, self.all_of())
        return found

    def all_of(self) -> np.ndarray:
        found = self.negation()
        while self.takes("and"):
            found = _both(found, self.negation())
        return found

    def negation(self) -> np.ndarray:
        if self.takes("not"):
            return _negated(self.negation())
        found = self.comparison()
        while self.takes("is"):
            is_negated = self.takes("not")
            self.expect("null")
            found = is_missing(found).astype(float)
            found = _negated(found) if is_negated else found
        return found

    def comparison(self) -> np.ndarray:
        found = self.range()
        sign = self.takes(*COMPARISONS)
        return _compared(sign, found, self.range()) if sign else found

    def range(self) -> np.ndarray:
        x = self.sum()
        is_negated = self.takes("not")
        if self.takes("between"):
            low = self.sum()
            self.expect("and")
            found = _both(_compared(">=", x, low), _compared("<=", x, self.sum()))
        elif self.takes("in"):
            self.expect("(")
            found = np.zeros(self.shape)
            for item in self.listed():
                found = _either(found, _compared("=", x, item))
        else:
            return x
        return _negated(found) if is_negated else found

    def sum(self) -> np.ndarray:
        found = self.product()
        while sign := self.takes("+", "-"):
            other = self.product()
            found = found + other if sign == "+" else found - other
        return found

    def product(self) -> np.ndarray:
        found = self.power()
        while sign := self.takes("*", "/"):
            other = self.power()
            found = found * other if sign == "*" else found / np.where(other == 0, np.nan, other)
        return found

    def power(self) -> np.ndarray:
        found = self.signed()
        while self.takes("**", "^"):
            with np.errstate(all="ignore"):
                found = finite(np.power(found, self.signed()))
        return found

    def signed(self) -> np.ndarray:
        sign = self.takes("-", "+")
        if sign:
            return -self.signed() if sign == "-" else self.signed()
        return self.single()

    def single(self) -> np.ndarray:
        kind, token = self.kind, self.advance()
        if kind == "number":
            return np.full(self.shape, float(token))
        if kind == "text":
            return np.full(self.shape, token[1:-1].replace("''", "'"), dtype=object)
        if token == "(":
            found = self.any_of()
            self.expect(")")
            return found
        if kind != "word":
            raise ValueError(f"{self.text!r}: a value is wanted where {token!r} stands")
        if token in ("true", "false", "null"):
            return np.full(self.shape, {"true": 1.0, "false": 0.0, "null": np.nan}[token])
        if token == "case":
            return self.case()
        if self.takes("("):
            arguments = self.listed()
            return _first_known(arguments) if token == "coalesce" else call(token, arguments)
        return np.broadcast_to(self.read(token), self.shape)

    def listed(self) -> list[np.ndarray]:
        found = [self.any_of()]
        while self.takes(","):
            found.append(self.any_of())
        self.expect(")")
        return found

    def case(self) -> np.ndarray:
        subject = None if self.next == "when" else self.any_of()
        branches = []
        while self.takes("when"):
            condition = self.any_of()
            if subject is not None:
                condition = _compared("=", subject, condition)
            self.expect("then")
            branches.append((~np.isnan(condition) & (condition != 0), self.any_of()))
        found = self.any_of() if self.takes("else") else np.full(self.shape, np.nan)
        self.expect("end")
        for condition, value in reversed(branches):
            found = np.where(condition, value, found)
        return found


def _first_known(grids: list[np.ndarray]) -> np.ndarray:
    found = grids[-1]
    for grid in reversed(grids[:-1]):
        found = np.where(is_missing(grid), found, grid)
    return found
