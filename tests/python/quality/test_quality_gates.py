"""Gates stand where they should: nothing is built on what has not been judged."""

import json

import pytest

from support.dbt import ROOT, run_dbt

# What may read staging before the raw gate though the gate itself does not read it: the rows' own
# accounts, and what `make check-data` applies without a gate (what reads that is behind one).
BEFORE_THE_RAW_GATE = {
    "fct_raw_columns",
    "fct_raw_files",
    "fct_raw_profiles",
    "fct_rejected_rows",
    "fct_revisions",
    "fct_suspicious_cells",
    "int_yearbook_cells_derived",
    "rpt_freshness",
}


@pytest.fixture(scope="module")
def parents(tmp_path_factory) -> dict[str, set[str]]:
    """Names of everything that each node depends on, directly."""
    folder = tmp_path_factory.mktemp("manifest")
    run = run_dbt("parse", raw=folder, workspace=folder, artifacts=True)
    manifest = json.loads((run.target / "manifest.json").read_text())
    kinds = ("model", "snapshot")
    return {
        node["name"]: {name.split(".")[-1] for name in node["depends_on"]["nodes"]}
        for node in manifest["nodes"].values()
        if node["resource_type"] in kinds
    }


def ancestors(parents, name):
    found, todo = set(), [name]
    while todo:
        for parent in parents.get(todo.pop(), ()):
            if parent not in found:
                found.add(parent)
                todo.append(parent)
    return found


def models_in(folder):
    return {path.stem for path in (ROOT / "models").glob(f"{folder}/**/*.sql")}


def test_whatever_is_made_of_raw_rows_is_behind_the_raw_gate(parents):
    # Nothing the gate reads can stand behind it; a mart among that is named above all the same.
    read_by_the_gate = ancestors(parents, "dq_raw") - models_in("marts")
    judged = models_in("intermediate") | models_in("gates") | models_in("marts")
    for name in sorted(judged - read_by_the_gate):
        above = ancestors(parents, name)
        if any(parent.startswith("stg_") for parent in above) and name not in BEFORE_THE_RAW_GATE:
            assert "dq_raw" in above, name


def test_marts_do_not_feed_the_intermediate_layer(parents):
    """What judges marts, or is judged between two of them, lies in models/gates."""
    marts = models_in("marts")
    climbing = {name: parents[name] & marts for name in models_in("intermediate")}
    assert {name: read for name, read in climbing.items() if read} == {}


def test_the_panel_is_behind_the_indices_gate(parents):
    cleaned = {"fct_imputations", "fct_sample_decisions", "fct_series"}
    for name in models_in("marts/panel") - cleaned:
        assert "dq_indices" in ancestors(parents, name), name


def test_every_estimate_is_behind_the_panel_gate(parents):
    # The production function feeds an index: it is estimated before there is a panel.
    estimates = {path.stem for path in (ROOT / "python_models/estimates").glob("est_*.py")}
    for name in estimates - {"est_production_function"}:
        assert "dq_panel" in ancestors(parents, name), name


def test_every_printed_result_is_behind_the_results_gate(parents):
    reports = {name for name in models_in("marts/results") if name.startswith("rpt_")}
    # Printed numbers against themselves: no result of ours is in it.
    for name in reports - {"rpt_published_checks"}:
        assert "dq_results" in ancestors(parents, name), name
