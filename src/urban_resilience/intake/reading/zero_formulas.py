"""Formulas whose stored result is 0 although they cannot give 0: never calculated, and saved so."""

from __future__ import annotations

import ast
import operator
import re

from urban_resilience.shared.problems import FileFault

# As many formulas that all give 0 are not calculated, whatever they say.
ENOUGH = 5
_CELL = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]+[0-9]+)"([^>]*)>(?:<(?:\w+:)?f[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>))?'
    rb"<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>"
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_ZERO = re.compile(rb"</?(?:\w+:)?f(?: [^>]*/)?><(?:\w+:)?v>-?0(?:\.0*)?</")
_REFERENCE = re.compile(r"(?<![A-Za-z0-9_!.'])\$?([A-Z]{1,3})\$?([0-9]+)(?![0-9A-Za-z_(!])")
_SUM = re.compile(r"SUM\(\s*\$?([A-Z]{1,3})\$?([0-9]+):\$?([A-Z]{1,3})\$?([0-9]+)\s*\)")
_ARITHMETIC = re.compile(r"[0-9eE+\-*/(). ]+")
_SIGNS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
          ast.Div: operator.truediv}  # fmt: skip
_MOST_SUMMED = 10_000


def refuse_zero_results(part: bytes) -> None:
    """Refuse a sheet with formulas that were never calculated, and whose stored result is 0.

    Parameters
    ----------
    part
        XML of a sheet of Excel.

    Raises
    ------
    FileFault
        A formula of cells, numbers and signs of arithmetic gives another result than the 0 beside
        it; or all formulas of the sheet, and no few, give 0.
    """
    if not _ZERO.search(part):
        return
    values: dict[str, float] = {}
    zeros: dict[str, str] = {}
    n_formulas = 0
    for cell in _CELL.finditer(part):
        place, attributes, formula, value = cell.groups()
        if b"t=" in attributes and b't="n"' not in attributes:
            continue
        try:
            number = float(value)
        except ValueError:
            continue
        values[place.decode()] = number
        # `<f/>` is a copy of a formula that stands elsewhere.
        is_formula = _FORMULA.search(cell.group()) is not None
        n_formulas += is_formula
        if is_formula and number == 0:
            zeros[place.decode()] = (formula or b"").decode("utf-8", "replace")
    for place, formula in zeros.items():
        result = _result(formula, values)
        if result:
            raise FileFault(
                f"cell {place} holds the formula `{formula[:60]}`, which gives {result:,.6g}, and "
                "0 as its stored result.",
                "Open the workbook in Excel, let it calculate (F9), and save it.",
            )
    if len(zeros) == n_formulas >= ENOUGH:
        raise FileFault(
            f"all {n_formulas:,} formulas of a sheet have 0 as their stored result, the first in "
            f"cell {next(iter(zeros))}: they were never calculated.",
            "Open the workbook in Excel, let it calculate (F9), and save it; or write the figures.",
        )


def _result(formula: str, values: dict[str, float]) -> float | None:
    """Compute a formula of plain arithmetic; None for any other."""
    text = _SUM.sub(lambda found: _summed(found, values), formula.removeprefix("="))
    text = _REFERENCE.sub(lambda found: repr(values.get(found[1] + found[2], 0.0)), text)
    if not text or not _ARITHMETIC.fullmatch(text):
        return None
    try:
        return _computed(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError):
        return None


def _summed(found: re.Match[str], values: dict[str, float]) -> str:
    left, right = (_number_of(found[place]) for place in (1, 3))
    top, bottom = int(found[2]), int(found[4])
    if (right - left + 1) * (bottom - top + 1) > _MOST_SUMMED:
        return "?"
    cells = (
        values.get(f"{_letters_of(column)}{row}", 0.0)
        for column in range(left, right + 1)
        for row in range(top, bottom + 1)
    )
    return repr(sum(cells))


def _computed(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _computed(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        return float(_SIGNS[type(node.op)](_computed(node.left), _computed(node.right)))
    raise ValueError("no arithmetic")


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters_of(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
