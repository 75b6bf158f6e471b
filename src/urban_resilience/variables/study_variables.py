"""Every definition of the study compiled and checked: what the SQL models are written from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from urban_resilience.shared.project import seed_rows
from urban_resilience.variables.catalog import NUMBER, Catalog, Source, catalog
from urban_resilience.variables.compile import Resolve, Step, closure, compile_stage
from urban_resilience.variables.definitions import (
    INDICATORS,
    VARIABLES,
    Definition,
    name_faults,
    read_indicators,
    read_variables,
)
from urban_resilience.variables.expression import ExpressionError, Node, parse
from urban_resilience.variables.origins import Origin, Origins, origin_of
from urban_resilience.variables.types import type_of

# What places are; indicators; variables that need no index and no measure; all others. Variables of
# places are computed among the early ones too, so that these stand in one relation.
PLACE_STAGE, INDICATOR_STAGE, EARLY_STAGE, LATE_STAGE = "places", "indicators", "early", "late"
STAGES = (PLACE_STAGE, INDICATOR_STAGE, EARLY_STAGE, LATE_STAGE)
# Columns of indicators among those of variables; no variable can have such a name.
INDICATOR_PREFIX = "_indicator_"
KINDS_OF_TAKEN = {
    "group": "a group",
    "place": "an attribute of places",
    "policy": "the date of a policy",
}


@dataclass(frozen=True)
class StudyVariables:
    """What was compiled.

    Attributes
    ----------
    steps
        Columns of each stage, by layer. Those of indicators begin with ``_indicator_``.
    types
        SQL type of every definition by its column: ``double``, ``boolean`` or ``varchar``.
    variables
        Definitions of variables in the order of their position.
    candidates
        Variables that may decide on the sample, each with the index or measure it is, if any.
    needs
        Raw files and series that each variable and indicator comes from, by its column;
        ``indicators:`` and the name of a set stand for what an index is made of.
    faults
        (seed, row, fault); nothing of the rest is to be used where there are any.
    origins
        What each variable, and the column of its split, is computed from in the same year.
    """

    steps: Mapping[str, tuple[Step, ...]]
    types: Mapping[str, str]
    variables: tuple[Definition, ...]
    candidates: Mapping[str, Source | None]
    needs: Mapping[str, tuple[str, ...]]
    faults: tuple[tuple[str, str, str], ...]
    origins: Origins


def compile_study(policies: Iterable[str] = ()) -> StudyVariables:
    """Compile the variables and indicators of the study that is built.

    Parameters
    ----------
    policies
        Policies that a raw folder brings besides those of the seed.
    """
    variables, unreadable = read_variables(seed_rows(VARIABLES))
    indicators = read_indicators(seed_rows(INDICATORS))
    return compile_definitions(catalog(policies), variables, indicators, unreadable)


def compile_definitions(
    sources: Catalog,
    variables: Iterable[Definition],
    indicators: Iterable[Definition],
    unreadable: Iterable[tuple[str, str]] = (),
) -> StudyVariables:
    """Compile definitions against a catalog.

    Returns
    -------
    StudyVariables
        With every fault of every row; definitions that have one are left out of the stages.
    """
    compiler = _Compiler(sources, list(variables), list(indicators))
    compiler.faults += [(VARIABLES, name, fault) for name, fault in unreadable]
    return compiler.run()


class _Compiler:
    def __init__(self, sources: Catalog, variables: list[Definition], indicators: list[Definition]):
        self.sources = sources
        self.variables = sorted(variables, key=lambda item: item.position)
        self.faults: list[tuple[str, str, str]] = []
        self.types: dict[str, str] = {}
        taken = {
            name: words for kind, words in KINDS_OF_TAKEN.items() for name in sources.of_kind(kind)
        }
        # A second policy of a regression becomes a column of this name.
        taken |= {
            f"treated_{found.relation}": "the treatment by a policy"
            for found in sources.of_kind("policy").values()
        }
        self.faults += [(VARIABLES, *found) for found in name_faults(variables, taken)]
        self.faults += [(INDICATORS, *found) for found in name_faults(indicators, {})]
        self.named = {item.name for item in variables}
        self.nodes = {
            **self._parsed(variables, ""),
            **self._parsed(indicators, INDICATOR_PREFIX),
        }

    def run(self) -> StudyVariables:
        early: dict[str, Node] = {}
        late: dict[str, Node] = {}
        places: dict[str, Node] = {}
        indicators: dict[str, Node] = {}
        needs = {}
        for column, node in self.nodes.items():
            read = self._sources_of(column)
            if read is None:
                continue
            needs[column] = tuple(sorted({need for source in read for need in source.needs}))
            later = [source.name for source in read if not source.is_early]
            if not column.startswith(INDICATOR_PREFIX):
                (late if later else early)[column] = node
                if self._is_of_place(column, read):
                    places[column] = node
            elif not later:
                indicators[column] = node
            else:
                said = f"it comes from {sorted(later)[0]}, which is computed after the indices"
                self._fault(column, said)
        as_inputs = partial(self._resolve, inline=frozenset(early))
        steps = {
            PLACE_STAGE: self._stage(
                places, places, partial(self._resolve, inline=frozenset(places))
            ),
            INDICATOR_STAGE: self._stage(indicators, {**early, **indicators}, self._inline_all),
            EARLY_STAGE: self._stage(early, early, as_inputs),
            LATE_STAGE: self._stage(late, late, partial(self._resolve, inline=frozenset(late))),
        }
        candidates = self._candidates(early, late)
        self._check_kinds(candidates)
        return StudyVariables(
            *(steps, self.types, tuple(self.variables), candidates, needs, tuple(self.faults)),
            self._origins(needs),
        )

    def _origins(self, sound: Iterable[str]) -> Origins:
        """Find what the variables whose rows are sound come from."""
        found = {
            column: origin_of(self.nodes[column], partial(self._column, inside=column))
            for column in sound
        }
        for item in self.variables:
            if item.split_name and item.name in found:
                found[item.split_name] = Origin(frozenset((item.name,)), item.name)
        return Origins(found)

    def _column(self, name: str, inside: str) -> str:
        read = self._inline_all(name, inside)
        return read if isinstance(read, str) else read.alias

    def _fault(self, column: str, fault: str) -> None:
        is_indicator = column.startswith(INDICATOR_PREFIX)
        found = (
            INDICATORS if is_indicator else VARIABLES,
            column.removeprefix(INDICATOR_PREFIX),
            fault,
        )
        if found not in self.faults:
            self.faults.append(found)

    def _parsed(self, definitions: list[Definition], prefix: str) -> dict[str, Node]:
        nodes = {}
        for item in definitions:
            try:
                if not item.expression:
                    raise ExpressionError("it is empty")
                nodes[prefix + item.name] = parse(item.expression)
            except ExpressionError as error:
                self.faults.append((item.seed, item.name, f"expression: {error}"))
        return nodes

    def _sources_of(self, column: str) -> set[Source] | None:
        try:
            # Written for its circles, which the closure passes over.
            compile_stage([column], self.nodes, self._inline_all)
            return closure(column, self.nodes, self._inline_all)
        except ExpressionError as error:
            self._fault(column, f"expression: {error}")
            return None

    def _is_of_place(self, column: str, read: set[Source]) -> bool:
        """Whether a variable says something of a place that no year changes."""
        if not read or any(source.kind not in ("group", "place") for source in read):
            return False
        steps = compile_stage([column], self.nodes, self._inline_all)
        return not any(" over " in step.sql for step in steps)

    def _inline_all(self, name: str, inside: str) -> Source | str:
        return self._resolve(name, inside, inline=frozenset(self.nodes))

    def _resolve(self, name: str, inside: str, inline: frozenset[str]) -> Source | str:
        """Find what a name means: a variable, or else data of that name.

        A variable's own name inside its expression is the index, measure or series of that name.
        """
        plain = name.removeprefix("variable.")
        if plain in self.named and plain != inside:
            if plain not in self.nodes:
                raise ExpressionError(f"it names {plain}, whose own row is wrong")
            known = Source("variable", plain, self.types.get(plain, NUMBER))
            return plain if plain in inline else known
        source = self.sources.find(name)
        if source is None:
            if name == inside:
                raise ExpressionError(f"'{name}' is this variable itself")
            raise ExpressionError(self.sources.unknown(name, self.named))
        column = INDICATOR_PREFIX + source.name
        if source.kind != "indicator" or column not in inline:
            return source
        if column == inside:
            raise ExpressionError(f"'{name}' is this indicator itself")
        return column

    def _stage(
        self, targets: Mapping[str, Node], nodes: Mapping[str, Node], resolve: Resolve
    ) -> tuple[Step, ...]:
        good = []
        for column in targets:
            try:
                found = type_of(column, compile_stage([column], nodes, resolve))
                if column.startswith(INDICATOR_PREFIX) and found != NUMBER:
                    raise ExpressionError(f"it gives {found}, an indicator is a number")
                self.types[column] = found
                good.append(column)
            except (ExpressionError, KeyError) as error:
                self._fault(column, f"expression: {error}")
        return tuple(compile_stage(good, nodes, resolve))

    def _candidates(
        self, early: Mapping[str, Node], late: Mapping[str, Node]
    ) -> dict[str, Source | None]:
        """Find variables known before the sample: by themselves, or as an index or a measure."""
        found: dict[str, Source | None] = {name: None for name in early}
        for name, node in late.items():
            source = self._inline_all(node.value, name) if node.kind == "name" else None
            if isinstance(source, Source) and (
                (source.kind == "index" and not source.dimension) or source.is_known_before_sample
            ):
                found[name] = source
        order = [item.name for item in self.variables]
        return {name: found[name] for name in order if name in found}

    def _check_kinds(self, candidates: Mapping[str, Source | None]) -> None:
        for item in self.variables:
            kind = self.types.get(item.name)
            if kind is None:
                continue
            if kind != NUMBER and (item.winsorize_percent or item.split_into):
                said = "winsorize_percent" if item.winsorize_percent else "split_into"
                self._fault(item.name, f"{said} is filled, and it is no number but {kind}")
            if item.decides_sample and item.name not in candidates:
                self._fault(
                    item.name,
                    "decides_sample is true, and it is known only after the sample is drawn "
                    f"(variables that may: {', '.join(candidates)})",
                )
