"""What relations are made from is what their SQL reads, down to seeds and raw files."""

import re

import pytest

from support.dbt import ROOT
from support.warehouse import Warehouse

COMMENTS = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
# Members that arrive by month: no part of the project without a setting of the environment.
SWITCHED_OFF = "member_change"
# Read only where a run asks for a past date.
OF_A_PAST_DATE = {("int_yearbook_supplied", "snapshot_yearbook")}


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
        text = COMMENTS.sub("", path.read_text(encoding="utf-8"))
        written |= {(path.stem, name) for name in re.findall(r"\bref\('(\w+)'\)", text)}
    written = {edge for edge in written if SWITCHED_OFF not in " ".join(edge)}
    assert len(written) > 300
    assert written - found == OF_A_PAST_DATE


def test_an_index_is_followed_to_its_raw_file(edges):
    reached, waiting = set(), {"indices.fct_resilience"}
    while waiting:
        reached |= waiting
        waiting = {made_from for relation, made_from in edges if relation in waiting} - reached
    assert {"raw.city_yearbook", "reference.resilience_indicators"} <= reached
    assert not any(name.startswith("results.") for name in reached)
