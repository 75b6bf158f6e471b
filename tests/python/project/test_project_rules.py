"""The rules of dbt-project-evaluator hold, but for exceptions that are listed with a reason."""

import csv
import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from support.project_rules import RULES

EXCEPTIONS = Path(__file__).with_name("project_rule_exceptions.csv")


@pytest.fixture(scope="module")
def broken(simulated_run) -> dict[str, list[str]]:
    manifest = json.loads((simulated_run.target / "manifest.json").read_text())
    assert len(manifest["nodes"]) > 300
    return {rule.__name__: rule(manifest) for rule in RULES}


@pytest.fixture(scope="module")
def exceptions() -> list[dict[str, str]]:
    with EXCEPTIONS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("rule", [rule.__name__ for rule in RULES])
def test_rule_holds(rule, broken, exceptions):
    allowed = [row["name"] for row in exceptions if row["rule"] == rule]
    found = {name for name in broken[rule] if not any(fnmatchcase(name, a) for a in allowed)}
    assert found == set()


def test_every_exception_is_needed_and_has_a_reason(broken, exceptions):
    idle = [
        row for row in exceptions
        if not any(fnmatchcase(name, row["name"]) for name in broken.get(row["rule"], ()))
    ]  # fmt: skip
    assert idle == []
    assert [row for row in exceptions if len(row["reason"]) < 20] == []


def test_a_broken_rule_is_seen():
    """One small manifest that breaks most rules at once."""
    contract = {"enforced": False}
    node = {
        "resource_type": "model", "name": "odd", "original_file_path": "models/staging/odd.sql",
        "depends_on": {"nodes": ["source.p.a.x", "source.p.a.y", "model.p.other"]},
        "constraints": [], "description": "", "patch_path": None, "access": "public",
        "columns": {"a": {"name": "a", "description": ""}},
        "config": {"materialized": "view", "contract": contract},
    }  # fmt: skip
    other = node | {
        "name": "fct_other", "original_file_path": "models/marts/fct_other.sql",
        "depends_on": {"nodes": []}, "access": "private",
    }  # fmt: skip
    source = {"name": "x", "relation_name": "r", "description": "Rows."}
    manifest = {
        "nodes": {"model.p.odd": node, "model.p.other": other},
        "sources": {"source.p.a.x": source, "source.p.a.y": source, "source.p.a.z": source},
        "exposures": {"e": {
            "name": "e", "description": "", "depends_on": {"nodes": ["model.p.other"]},
        }},
    }  # fmt: skip
    seen = {rule.__name__ for rule in RULES if rule(manifest)}
    assert {rule.__name__ for rule in RULES} - seen == {
        "source_fanout", "model_fanout", "staging_depends_on_staging",
        "downstream_depends_on_source", "rejoining_of_upstream", "chained_views",
    }  # fmt: skip
