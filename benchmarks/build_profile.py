"""`dbt build` of the whole study: wall time, memory, and where the time goes, node by node."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from typing import Any

from benchmarks import report
from benchmarks.bars import Bar, ratio
from benchmarks.project import DbtRun, Workspace
from benchmarks.refresh import OVERHEAD_BAR, SUITES

SLOWEST = 15
PYTHON_BAR_SECONDS = 60
WALL_BAR_SECONDS = 90
NODE_BAR_MS = 150
# Two builds of the same thing differ by this much on their own.
REPEAT_TOLERANCE = 1.05
KINDS = {
    "model.sql": "SQL models",
    "model.python": "Python models",
    "seed": "seeds",
    "test": "data tests",
    "unit_test": "unit tests",
    "operation": "hooks",
}


@dataclass(frozen=True)
class Node:
    """One node of a build."""

    name: str
    kind: str
    status: str
    seconds: float
    is_gate: bool


@dataclass(frozen=True)
class Build:
    """One `dbt build`."""

    run: DbtRun
    nodes: list[Node]

    def of_kind(self, kind: str) -> list[float]:
        """Seconds of the nodes of one kind."""
        return [node.seconds for node in self.nodes if node.kind == kind]

    @property
    def outside_python(self) -> list[float]:
        """Seconds of every node but the Python models."""
        return [node.seconds for node in self.nodes if node.kind != "model.python"]

    @property
    def overhead(self) -> float:
        """Time of a build over that without gates; unit tests, which a bare one lacks, aside."""
        judged = [node for node in self.nodes if node.kind != "unit_test"]
        bare = sum(node.seconds for node in judged if not node.is_gate)
        return ratio(sum(node.seconds for node in judged), bare)

    @property
    def failed(self) -> list[str]:
        """Nodes that failed, or were skipped because another did."""
        fine = {"success", "pass", "no-op", "warn"}
        return [node.name for node in self.nodes if node.status not in fine]


def run(workspace: Workspace, quick: bool, progress=print) -> report.Section:
    """Build twice and write the section."""
    _ = workspace.raw_data  # simulated before the clock starts
    progress("  first build")
    first = _build(workspace)
    progress("  second build, nothing changed")
    second = _build(workspace)
    workspace.is_built = second.run.exit_code == 0
    return _section(first, second, workspace.data_origin)


def _build(workspace: Workspace) -> Build:
    run_results = workspace.target / "run_results.json"
    run_results.unlink(missing_ok=True)
    finished = workspace.dbt("build", may_fail=True)
    if not run_results.exists():
        raise RuntimeError(f"dbt build ended before it ran anything:\n{finished.output[-3000:]}")
    nodes = json.loads((workspace.target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads(run_results.read_text(encoding="utf-8"))["results"]
    return Build(finished, nodes_of(results, nodes))


def nodes_of(results: list[dict[str, Any]], nodes: dict[str, Any]) -> list[Node]:
    """Sort the results of a build by what ran.

    Parameters
    ----------
    results, nodes
        Of ``run_results.json`` and ``manifest.json`` of one build.
    """
    return [_node(result, nodes) for result in results]


def _node(result: dict[str, Any], nodes: dict[str, Any]) -> Node:
    kind, _, name = result["unique_id"].split(".", 2)
    if kind == "model":
        kind = f"model.{nodes[result['unique_id']]['language']}"
    # A test goes with what it tests.
    node = nodes.get(result["unique_id"], {})
    subject = nodes.get(node.get("attached_node"), node)
    is_gate = subject.get("original_file_path", "").startswith(SUITES) or kind == "snapshot"
    is_gate = is_gate or subject.get("name") in SUITES
    return Node(name, kind, result["status"], result["execution_time"], is_gate)


def _section(first: Build, second: Build, data_origin: str) -> report.Section:
    section = report.Section("build_profile", "`dbt build` of the study")
    section.paragraphs = [
        f"A fresh target folder and warehouse ({data_origin} data), then the same command again. "
        "Wall time is that of the whole process, start and parsing included; node times are those "
        "dbt reports, and nodes overlap (threads of the profile).",
    ]
    if first.failed:
        section.paragraphs.append("Failed or skipped: " + ", ".join(first.failed[:10]))
    section.tables = [
        ("Both builds", [_build_row("first", first), _build_row("second", second)]),
        ("First build by kind of node", _kind_rows(first)),
        (f"Slowest {SLOWEST} nodes of the first build", _slowest_rows(first)),
    ]
    section.bars = [
        Bar("wall time of the first build", first.run.seconds, WALL_BAR_SECONDS, unit="s"),
        Bar(
            "mean time of a node outside Python models",
            1000 * statistics.mean(first.outside_python),
            NODE_BAR_MS,
            unit="ms",
        ),
        Bar(
            "Python models, imports included",
            sum(first.of_kind("model.python")),
            PYTHON_BAR_SECONDS,
            unit="s",
        ),
        Bar("build with gates to bare build, node times", first.overhead, OVERHEAD_BAR),
        Bar(
            "second build to first", ratio(second.run.seconds, first.run.seconds), REPEAT_TOLERANCE
        ),
        Bar(
            "nodes that failed or were skipped",
            float(len(first.failed) + len(second.failed)),
            0,
            unit="",
        ),
    ]
    section.data = {"first": _as_data(first), "second": _as_data(second)}
    return section


def _build_row(name: str, build: Build) -> dict[str, str]:
    return {
        "build": name,
        "wall time": report.seconds(build.run.seconds),
        "peak memory": report.megabytes(build.run.peak_mb),
        "nodes": str(len(build.nodes)),
        "sum of node times": report.seconds(sum(node.seconds for node in build.nodes)),
        "of which Python models": report.seconds(sum(build.of_kind("model.python"))),
        "exit code": str(build.run.exit_code),
    }


def _kind_rows(build: Build) -> list[dict[str, str]]:
    rows = []
    for kind, label in KINDS.items():
        times = build.of_kind(kind)
        if times:
            rows.append(
                {
                    "kind": label,
                    "number": str(len(times)),
                    "median": f"{1000 * statistics.median(times):.0f} ms",
                    "mean": f"{1000 * statistics.mean(times):.0f} ms",
                    "longest": f"{1000 * max(times):.0f} ms",
                    "sum": report.seconds(sum(times)),
                }
            )
    return rows


def _slowest_rows(build: Build) -> list[dict[str, str]]:
    slowest = sorted(build.nodes, key=lambda node: node.seconds, reverse=True)[:SLOWEST]
    total = sum(node.seconds for node in build.nodes)
    return [
        {
            "node": f"`{node.name}`",
            "kind": KINDS.get(node.kind, node.kind),
            "time": report.seconds(node.seconds),
            "share of node time": f"{100 * node.seconds / total:.1f}%",
        }
        for node in slowest
    ]


def _as_data(build: Build) -> dict[str, Any]:
    return {
        "wall_seconds": build.run.seconds,
        "peak_mb": build.run.peak_mb,
        "exit_code": build.run.exit_code,
        "nodes": [vars(node) for node in build.nodes],
    }
