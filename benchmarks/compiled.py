"""The project's own SQL as dbt compiled it: what the benchmarks run is what the build runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from benchmarks.isolated import PROJECT
from benchmarks.project import Workspace

SEPARATOR = "-- next --"


@dataclass(frozen=True)
class Statement:
    """One model: its relation, its select and the settings around it.

    Attributes
    ----------
    name : str
    relation : str
        Quoted database, schema and table.
    sql : str
        The compiled select.
    before, after : list of str
        Rendered hooks.
    upstream : list of str
        Relations it reads.
    """

    name: str
    relation: str
    sql: str
    before: list[str]
    after: list[str]
    upstream: list[str]


def compile_models(workspace: Workspace, names: Sequence[str]) -> list[Statement]:
    """Compile models with `dbt compile` and return them in the order given."""
    workspace.dbt("compile", "--select", *names)
    nodes = _manifest(workspace)
    models = [nodes[f"model.urban_resilience.{name}"] for name in names]
    hooks = iter(_render(workspace, [hook for model in models for hook in _hooks(model)]))
    statements = []
    for model in models:
        rendered = [next(hooks) for _ in _hooks(model)]
        n_before = len(model["config"]["pre-hook"])
        compiled = workspace.target / "compiled" / "urban_resilience" / model["original_file_path"]
        statements.append(
            Statement(
                name=model["name"],
                relation=model["relation_name"],
                sql=compiled.read_text(encoding="utf-8"),
                before=rendered[:n_before],
                after=rendered[n_before:],
                upstream=[nodes[key]["relation_name"] for key in model["depends_on"]["nodes"]],
            )
        )
    return statements


def compile_text(workspace: Workspace, jinja: str) -> str:
    """Compile a piece of Jinja and SQL with the project's macros."""
    return _render(workspace, [jinja])[0]


def raw_columns(workspace: Workspace, source: str) -> dict[str, str]:
    """Columns and types of a raw file as the contract in _raw__sources.yml states them."""
    columns = _manifest(workspace)[f"source.urban_resilience.raw.{source}"]["columns"]
    return {name: column["data_type"] for name, column in columns.items()}


def engine_settings() -> dict[str, str]:
    """DuckDB settings of the project's profile, so that a benchmark runs under the same."""
    profile = yaml.safe_load((PROJECT / "profiles" / "profiles.yml").read_text(encoding="utf-8"))
    settings = profile["urban_resilience"]["outputs"]["published"].get("settings", {})
    return {name: str(value).lower() for name, value in settings.items() if "{{" not in str(value)}


def as_records(statements: Sequence[Statement]) -> list[dict[str, Any]]:
    """Turn statements into JSON for a worker process."""
    return [asdict(statement) for statement in statements]


def _manifest(workspace: Workspace) -> dict[str, Any]:
    manifest = json.loads((workspace.target / "manifest.json").read_text(encoding="utf-8"))
    return {**manifest["nodes"], **manifest["sources"]}


def _hooks(model: dict[str, Any]) -> list[str]:
    return [hook["sql"] for hook in model["config"]["pre-hook"] + model["config"]["post-hook"]]


def _render(workspace: Workspace, texts: Sequence[str]) -> list[str]:
    """Render Jinja by one `dbt compile --inline`: the manifest keeps hooks unrendered."""
    if not texts:
        return []
    # A separator at both ends sets the text apart from any warning around it.
    joined = f"\n{SEPARATOR}\n".join(["", *texts, ""])
    output = workspace.dbt("--quiet", "compile", "--inline", joined).output
    parts = [part.strip() for part in output.split(SEPARATOR)]
    return parts[1 : len(texts) + 1]
