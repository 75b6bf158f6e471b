"""One expression, read into a tree of what the language allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from urban_resilience.shared.database import sealed
from urban_resilience.shared.names import nearest
from urban_resilience.variables.functions import ARITHMETIC, COMPARISONS, FUNCTIONS

LONGEST = 2000
# Expressions of a few studies.
REMEMBERED = 2000
# More years than any panel has; a slip of the hand otherwise.
LARGEST_COUNT = 100
# Brackets in brackets; SQL of more is a burden to the database.
DEEPEST = 100
TOO_DEEP = f"it is nested more than {DEEPEST} deep"


class ExpressionError(ValueError):
    """A text is no expression of the language; the message says why."""


@dataclass(frozen=True)
class Node:
    """A part of an expression.

    ``kind`` is ``name``, ``number``, ``text``, ``truth``, ``call``, ``arithmetic``, ``minus``,
    ``compare``, ``and``, ``or``, ``not``, ``is_null``, ``is_not_null``, ``between``, ``in``,
    ``coalesce``, ``case`` or ``null``; ``value`` is the name, the literal, the function or the
    sign; ``counts`` are the whole numbers of a function.
    """

    kind: str
    value: str = ""
    parts: tuple[Node, ...] = ()
    counts: tuple[int, ...] = ()


def parse(text: str) -> Node:
    """Read an expression.

    Parameters
    ----------
    text
        Such as ``ln(gdp_100m_yuan / registered_population_10k)``; DuckDB's grammar, of which only
        arithmetic, comparisons, ``case``, ``coalesce`` and the functions of
        :data:`~urban_resilience.variables.functions.FUNCTIONS` are allowed.

    Raises
    ------
    ExpressionError
        With the first thing that is not allowed.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"it is longer than {LONGEST} characters")
    try:
        return _parsed(text)
    except RecursionError:
        raise ExpressionError(TOO_DEEP) from None


@lru_cache(maxsize=REMEMBERED)
def _parsed(text: str) -> Node:
    parsed = json.loads(
        sealed().cursor().execute("select json_serialize_sql(?)", [f"select ({text}\n)"])
        .fetchall()[0][0]
    )  # fmt: skip
    if parsed["error"]:
        raise ExpressionError(str(parsed["error_message"]).splitlines()[0])
    found = [
        item
        for statement in parsed["statements"]
        for item in statement["node"].get("select_list", ())
    ]
    # Brackets that close early can make it a list, or a union of two queries.
    is_plain = len(found) == 1 and parsed["statements"][0]["node"].get("from_table", {}).get(
        "type"
    ) in (None, "EMPTY")
    if not is_plain:
        raise ExpressionError("it is not one expression")
    node = _node(found[0])
    if _depth(node) > DEEPEST:
        raise ExpressionError(TOO_DEEP)
    return node


def _depth(node: Node) -> int:
    return 1 + max(map(_depth, node.parts), default=0)


def names(node: Node) -> Iterator[str]:
    """Every name that an expression reads, in the order of its text; repeated ones too."""
    if node.kind == "name":
        yield node.value
    for part in node.parts:
        yield from names(part)


def _node(raw: dict[str, Any]) -> Node:
    kind, what = raw["class"], raw["type"]
    if kind == "COLUMN_REF":
        return Node("name", ".".join(raw["column_names"]).lower())
    if kind == "CONSTANT":
        return _literal(raw["literal"])
    if kind == "FUNCTION":
        return _call(raw)
    if kind == "COMPARISON" and what in COMPARISONS:
        return Node("compare", COMPARISONS[what], (_node(raw["left"]), _node(raw["right"])))
    if kind == "CONJUNCTION":
        sign = "and" if what.endswith("AND") else "or"
        return Node(sign, parts=_nodes(raw["children"]))
    if kind == "BETWEEN" and what == "COMPARE_BETWEEN":
        return Node("between", parts=_nodes([raw["input"], raw["lower"], raw["upper"]]))
    if kind == "CASE":
        checks = [part for check in raw["case_checks"] for part in check.values()]
        return Node("case", parts=_nodes([*checks, raw["else_expr"]]))
    operators = {
        "OPERATOR_NOT": "not",
        "OPERATOR_IS_NULL": "is_null",
        "OPERATOR_IS_NOT_NULL": "is_not_null",
        "OPERATOR_COALESCE": "coalesce",
        "COMPARE_IN": "in",
    }
    if kind == "OPERATOR" and what in operators:
        return Node(operators[what], parts=_nodes(raw["children"]))
    shown = {"SUBQUERY": "a query", "WINDOW": "a window", "STAR": "*", "LAMBDA": "an arrow"}
    raise ExpressionError(f"{shown.get(kind, kind.lower())} is not allowed in an expression")


def _nodes(raw: list[dict[str, Any]]) -> tuple[Node, ...]:
    return tuple(_node(item) for item in raw)


def _literal(literal: dict[str, Any]) -> Node:
    kind, text = literal.get("kind"), str(literal.get("text", ""))
    if kind in ("INTEGER", "NUMERIC"):
        return Node("number", text)
    if kind == "STRING":
        return Node("text", text)
    if kind == "BOOLEAN":
        return Node("truth", text)
    if kind == "NULL_LITERAL":
        return Node("null")
    raise ExpressionError(f"{text or kind} is no number, text, true or false")


def _call(raw: dict[str, Any]) -> Node:
    name = raw["function_name"].lower()
    given = [item["expression"] for item in raw["arguments"]]
    if raw["distinct"] or raw["filter"] is not None or raw["order_bys"]["orders"]:
        raise ExpressionError(f"{name} with a filter or an order is not allowed")
    if name in ("+", "-") and len(given) == 1:
        return Node("minus", name, _nodes(given))
    if name in ARITHMETIC and raw["is_operator"] and len(given) == 2:
        return Node("arithmetic", name, _nodes(given))
    name = "power" if name == "pow" else name
    function = FUNCTIONS.get(name)
    if function is None:
        known = ", ".join(FUNCTIONS)
        close = nearest(name, FUNCTIONS)
        raise ExpressionError(f"function {name} is not allowed{close} (allowed: {known})")
    least = function.n_values + function.n_counts - (function.default_count is not None)
    most = function.n_values + function.n_counts
    if not least <= len(given) <= most:
        raise ExpressionError(f"{name} is written {name}({function.arguments})")
    counts = [_count(name, item, function.smallest_count) for item in given[function.n_values :]]
    if function.n_counts and not counts and function.default_count is not None:
        counts = [function.default_count]
    return Node("call", name, _nodes(given[: function.n_values]), tuple(counts))


def _count(name: str, raw: dict[str, Any], smallest: int) -> int:
    literal = raw.get("literal", {}) if raw["class"] == "CONSTANT" else {}
    text = str(literal.get("text", ""))
    if literal.get("kind") != "INTEGER" or not smallest <= int(text) <= LARGEST_COUNT:
        raise ExpressionError(
            f"the number of years of {name} is a whole number from {smallest} to {LARGEST_COUNT}"
        )
    return int(text)
