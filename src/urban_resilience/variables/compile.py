"""Definitions put in order and written as SQL, a layer of columns at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from urban_resilience.variables.catalog import Source
from urban_resilience.variables.expression import ExpressionError, Node, names
from urban_resilience.variables.functions import ARITHMETIC, FUNCTIONS

# SQL of an argument that a function writes more than once becomes a column of its own from here on.
LONG = 200
# Signs that write their sides more than once, as functions may.
WRITTEN_TWICE = ("**", "^")


@dataclass(frozen=True)
class Step:
    """One column of a stage.

    Attributes
    ----------
    layer
        0 for inputs; a column is computed from those of lower layers.
    column
        Its name.
    sql
        Expression over columns of lower layers; empty for inputs.
    source
        What an input is.
    """

    layer: int
    column: str
    sql: str = ""
    source: Source | None = None


Resolve = Callable[[str, str], "Source | str"]


def compile_stage(
    targets: Iterable[str], definitions: Mapping[str, Node], resolve: Resolve
) -> list[Step]:
    """Write the columns of a stage.

    Parameters
    ----------
    targets
        Names of the definitions that become columns.
    definitions
        Those, and others that they may name; computed on the way where they do.
    resolve
        Tells of a name in a definition (name, name of the definition) which source it is, or which
        definition.

    Returns
    -------
    list of Step
        By layer; inputs first, each once.

    Raises
    ------
    ExpressionError
        Definitions name each other in a circle.
    """
    writer = _Writer(definitions, resolve)
    try:
        for name in targets:
            writer.define(name)
    except RecursionError:
        raise ExpressionError("it is nested too deeply, with what it is computed from") from None
    return sorted(writer.steps.values(), key=lambda step: step.layer)


class _Writer:
    def __init__(self, definitions: Mapping[str, Node], resolve: Resolve):
        self.definitions, self.resolve = definitions, resolve
        self.steps: dict[str, Step] = {}
        self.by_sql: dict[str, str] = {}
        self.path: list[str] = []

    def define(self, name: str) -> str:
        """Return the column of a definition, written when first asked for."""
        if name in self.steps:
            return name
        if name in self.path:
            circle = [*self.path[self.path.index(name) :], name]
            circle = [found.removeprefix("_indicator_") for found in circle]
            raise ExpressionError(f"it is computed from itself: {' -> '.join(circle)}")
        self.path.append(name)
        sql, layer = self.render(self.definitions[name])
        self.path.pop()
        self.steps[name] = Step(layer, name, sql)
        return name

    def column(self, name: str) -> str:
        found = self.resolve(name, self.path[-1])
        if isinstance(found, str):
            return self.define(found)
        if found.alias not in self.steps:
            self.steps[found.alias] = Step(0, found.alias, source=found)
        return found.alias

    def render(self, node: Node) -> tuple[str, int]:
        """Return SQL, and the layer from which on it can be computed."""
        if node.kind == "name":
            column = self.column(node.value)
            return column, self.steps[column].layer + 1
        rendered = [self.render(part) for part in node.parts]
        layer = max((found for _, found in rendered), default=1)
        texts = [text for text, _ in rendered]
        function = FUNCTIONS[node.value] if node.kind == "call" else None
        is_window = function is not None and function.is_window
        if function or node.value in WRITTEN_TWICE:
            for place, part in enumerate(node.parts):
                if part.kind != "name" and (is_window or len(texts[place]) > LONG):
                    texts[place] = self.step(texts[place], rendered[place][1])
                    layer = max(layer, self.steps[texts[place]].layer + 1)
        if function:
            sql = function.sql(*texts, *node.counts)
            # A window is no part of another: what reads it reads its column.
            if is_window:
                column = self.step(sql, layer)
                return column, self.steps[column].layer + 1
            return f"({sql})", layer
        return _sql(node, texts), layer

    def step(self, sql: str, layer: int) -> str:
        """Return the column of a part, the same for the same SQL."""
        if sql not in self.by_sql:
            column = f"_step_{len(self.by_sql) + 1}"
            self.by_sql[sql] = column
            self.steps[column] = Step(layer, column, sql)
        return self.by_sql[sql]


def _sql(node: Node, texts: list[str]) -> str:
    kind = node.kind
    if kind in ("compare", "in") and any(part.kind == "text" for part in node.parts):
        # A number is no text: with this the database says so before there are rows.
        texts = [
            text if part.kind == "text" else f"coalesce({text}, cast(null as varchar))"
            for part, text in zip(node.parts, texts, strict=True)
        ]
    if kind == "arithmetic":
        return f"({ARITHMETIC[node.value](*texts)})"
    if kind == "case":
        whens = zip(texts[:-1:2], texts[1:-1:2], strict=True)
        return "case " + " ".join(f"when {a} then {b}" for a, b in whens) + f" else {texts[-1]} end"
    if kind in ("and", "or"):
        return "(" + f" {kind} ".join(texts) + ")"
    if kind == "text":
        # A bare literal would be read as whatever it is compared with, and fail on the rows.
        return "cast('" + node.value.replace("'", "''") + "' as varchar)"
    if kind == "number":
        # Every number is a double: products of whole ones can leave their type.
        return node.value if "e" in node.value.lower() else f"{node.value}e0"
    written = {
        "truth": node.value,
        "null": "null",
        "minus": "(-{0})",
        "compare": f"({{0}} {node.value} {{1}})",
        "not": "(not {0})",
        "is_null": "({0} is null)",
        "is_not_null": "({0} is not null)",
        "between": "({0} between {1} and {2})",
    }
    if kind in written:
        return written[kind].format(*texts)
    if kind == "coalesce":
        return f"coalesce({', '.join(texts)})"
    if kind == "in":
        return f"({texts[0]} in ({', '.join(texts[1:])}))"
    raise ExpressionError(f"{kind} cannot be written")


def closure(name: str, definitions: Mapping[str, Node], resolve: Resolve) -> set[Source]:
    """Every source that a definition comes from, through whatever other definitions.

    A circle is passed over here; :func:`compile_stage` says where it is.
    """
    found: set[Source] = set()
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for read in names(definitions[current]):
            source = resolve(read, current)
            if isinstance(source, str):
                waiting.append(source)
            else:
                found.add(source)
    return found
