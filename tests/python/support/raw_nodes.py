"""Models and data tests up to a gate as dbt compiled them, built where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import duckdb


@dataclass(frozen=True)
class Node:
    """A compiled model or data test, and what it reads: models, and raw tables behind them."""

    name: str
    relation: str
    code: str
    parents: tuple[str, ...]
    reads: frozenset[str]


@dataclass
class RawNodes:
    """The nodes before a gate.

    Attributes
    ----------
    models
        In an order in which they can be built.
    tests
        Data tests that stop a build, but those of what only the gate reads.
    audited
        Models that the gate judges, by name.
    tested
        Names of the models that tests read, and of those before them.
    """

    models: list[Node]
    tests: list[Node]
    audited: dict[str, Node]
    tested: frozenset[str]
    _by_name: dict[str, Node] = field(default_factory=dict)
    _built: dict[str, tuple] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Mapping[str, object], gate_name: str) -> RawNodes:
        """Sort the nodes of a build.

        Parameters
        ----------
        nodes
            Nodes of dbt in the order of the build, by id.
        gate_name
            Name of the gate's model.
        """
        gate = next(node for node in nodes.values() if node.name == gate_name)
        compiled = [node for node in nodes.values() if getattr(node, "compiled_code", None)]
        models = [
            _node(node, nodes)
            for node in compiled
            if node.resource_type == "model" and node.language == "sql"
        ]
        by_name = {node.name: node for node in models}
        parents = [nodes[parent].name for parent in gate.depends_on.nodes if parent in nodes]
        audited = {name: by_name[name] for name in parents if name in by_name}
        of_gate = {name for name in audited if name.startswith("int_raw_")}
        # The gate's own tests are left to its expectations; those of what only it reads too.
        tests = [
            _node(node, nodes)
            for node in compiled
            if node.resource_type == "test"
            and node.config.severity.lower() == "error"
            and gate.unique_id not in node.depends_on.nodes
        ]
        tests = [test for test in tests if not of_gate & set(test.parents)]
        tested = frozenset(name for test in tests for name in _before(test, by_name))
        return cls(models, tests, audited, tested, by_name)

    def forget(self) -> None:
        """Build everything anew when it is asked for."""
        self._built.clear()

    def build(
        self, connection: duckdb.DuckDBPyConnection, node: Node, digests: Mapping[str, str]
    ) -> None:
        """Build a model, and what it reads, as far as they are not of these files."""
        state = tuple((table, digests.get(table)) for table in sorted(node.reads))
        if self._built.get(node.name) == state:
            return
        for parent in node.parents:
            self.build(connection, self._by_name[parent], digests)
        self._built.pop(node.name, None)
        connection.execute(f"create or replace table {node.relation} as {node.code}")
        self._built[node.name] = state


def _before(node: Node, by_name: Mapping[str, Node]) -> Iterator[str]:
    for parent in node.parents:
        yield parent
        yield from _before(by_name[parent], by_name)


def _node(node, nodes: Mapping) -> Node:
    parents = tuple(
        nodes[parent].name
        for parent in node.depends_on.nodes
        if parent.startswith("model.") and nodes[parent].language == "sql"
    )
    return Node(
        node.name,
        node.relation_name,
        node.compiled_code,
        parents,
        frozenset(_reads(node.unique_id, nodes)),
    )


def _reads(unique_id: str, nodes: Mapping) -> Iterator[str]:
    for parent in nodes[unique_id].depends_on.nodes:
        if parent.startswith("source."):
            yield parent.split(".")[-1]
        elif parent.startswith("model."):
            yield from _reads(parent, nodes)
