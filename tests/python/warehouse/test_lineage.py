"""What relations are made from is what their SQL reads, down to seeds and raw files."""

import re

import pytest

from support.dbt import ROOT
from support.warehouse import Warehouse

COMMENTS = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
# Models that are no part of the project without a setting of the environment.
SWITCHED_OFF = "models/staging/platform/changes/"


@pytest.fixture(scope="module")
def edges(simulated_run):
    found = Warehouse(simulated_run.warehouse).frame(
        "select relation, made_from from quality.fct_lineage"
    )
    return set(found.itertuples(index=False, name=None))


def test_what_the_sql_of_a_model_names_it_is_made_from(edges):
    found = {(relation.split(".")[1], other.split(".")[1]) for relation, other in edges}
    written = set()
    for path in sorted((ROOT / "models").rglob("*.sql")):
        if SWITCHED_OFF not in path.as_posix():
            text = COMMENTS.sub("", path.read_text(encoding="utf-8"))
            written |= {(path.stem, name) for name in re.findall(r"\bref\('(\w+)'\)", text)}
    assert len(written) > 300
    assert written - found == set()


def test_an_index_is_followed_to_its_raw_file(edges):
    reached, waiting = set(), {"indices.fct_resilience"}
    while waiting:
        reached |= waiting
        waiting = {made_from for relation, made_from in edges if relation in waiting} - reached
    assert {"raw.city_yearbook", "reference.resilience_indicators"} <= reached
    assert not any(name.startswith("results.") for name in reached)
