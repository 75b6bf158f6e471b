"""Every model and every column of a mart says what it is."""

import csv
import json
import re

import pytest
import yaml

from support.dbt import ROOT
from support.warehouse import Warehouse

MART_SCHEMAS = ("reference", "panel", "indices", "results", "quality")


@pytest.fixture(scope="module")
def manifest(simulated_run) -> dict:
    return json.loads((simulated_run.target / "manifest.json").read_text())


@pytest.fixture(scope="module")
def models(manifest) -> dict[str, dict]:
    found = {n["name"]: n for n in manifest["nodes"].values() if n["resource_type"] == "model"}
    assert len(found) > 50
    return found


def marts(models):
    return {name: m for name, m in models.items() if m["path"].startswith("marts/")}


def test_everything_states_its_grain(manifest):
    """As a key, where tools find it, and nowhere else."""
    kinds = ("model", "seed", "snapshot")
    described = [n for n in manifest["nodes"].values() if n["resource_type"] in kinds]
    described += manifest["sources"].values()
    without = [n["name"] for n in described if not n["config"]["meta"].get("grain", "").strip()]
    twice = [n["name"] for n in described if "grain:" in n["description"].lower()]
    assert (without, twice) == ([], [])


def test_every_mart_column_is_described(models, simulated_warehouse):
    warehouse = Warehouse(simulated_warehouse)
    undescribed = []
    # Columns that are the study's are described by its seeds, as comments.
    commented = warehouse.frame(
        "select table_name, column_name from duckdb_columns() where coalesce(comment, '') <> ''"
    )
    for name, model in marts(models).items():
        described = {c["name"] for c in model["columns"].values() if c["description"].strip()}
        if not model["config"]["contract"]["enforced"]:
            described |= set(commented.loc[commented["table_name"] == name, "column_name"])
        built = warehouse.columns(f"{model['schema']}.{name}")
        undescribed += [f"{name}.{column}" for column in built if column not in described]
    assert undescribed == []


def test_no_description_of_a_column_that_does_not_exist(models, simulated_warehouse):
    warehouse = Warehouse(simulated_warehouse)
    unknown = []
    for name, model in models.items():
        built = set(warehouse.columns(f"{model['schema']}.{name}"))
        unknown += [f"{name}.{column}" for column in model["columns"] if column not in built]
    assert unknown == []


def test_every_mart_enforces_its_contract(models):
    """But for those whose columns are the study's, each listed with what holds them."""
    loose = {n for n, m in marts(models).items() if not m["config"]["contract"]["enforced"]}
    with (ROOT / "tests/python/project/project_rule_exceptions.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["rule"] == "public_without_contract"]
    assert loose == {row["name"] for row in rows}


def test_the_grain_of_every_mart_is_enforced(models, manifest):
    """By a primary key, or by a test where a part of the key may be empty; never by both."""
    tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test"]
    tested = {
        test["attached_node"].split(".")[-1]
        for test in tests
        if (test.get("test_metadata") or {}).get("name") in ("unique", "unique_combination")
    }
    keyed = {name: primary_key(model) for name, model in marts(models).items()}
    has_key = {name for name, key in keyed.items() if key}
    assert sorted(set(keyed) - tested - has_key) == []
    assert sorted(tested & has_key) == []
    assert len(has_key) > 40
    may_be_empty = {
        f"{name}.{column}"
        for name in has_key
        for column in keyed[name]
        if "not_null" not in [c["type"] for c in models[name]["columns"][column]["constraints"]]
    }
    assert may_be_empty == set()


def test_primary_keys_stand_in_the_warehouse(models, simulated_warehouse):
    listed = Warehouse(simulated_warehouse).frame(
        "select table_name, constraint_column_names as columns from duckdb_constraints() "
        "where constraint_type = 'PRIMARY KEY'"
    )
    built = {row.table_name: list(row.columns) for row in listed.itertuples()}
    stated = {name: primary_key(model) for name, model in marts(models).items()}
    assert built == {name: key for name, key in stated.items() if key}


def test_marts_are_public_and_every_model_has_an_owner(models, manifest):
    public = {name for name, model in models.items() if model["access"] == "public"}
    assert public == set(marts(models))
    owners = {group["name"] for group in manifest["groups"].values() if group["owner"]["name"]}
    assert [name for name, model in models.items() if model["group"] not in owners] == []


def test_exposures_name_what_their_readers_read(models, manifest):
    reads = {
        exposure["name"]: set(exposure["depends_on"]["nodes"])
        for exposure in manifest["exposures"].values()
    }
    assert {"paper_tables", "quality_page", "build_summary"} <= set(reads)
    public = {model["unique_id"] for model in marts(models).values()}
    assert reads["parquet_export"] == public
    asked = [n for n in manifest["nodes"].values() if n["resource_type"] == "analysis"]
    questions = {node for analysis in asked for node in analysis["depends_on"]["nodes"]}
    assert reads["analyses"] == {node for node in questions if node.startswith("model.")}
    assert set.union(*reads.values()) <= public


def primary_key(model) -> list[str]:
    """Columns of the key that the contract enforces; none where there is none."""
    keys = [c["columns"] for c in model["constraints"] if c["type"] == "primary_key"]
    return keys[0] if keys else []


def test_every_seed_and_seed_column_is_described(manifest, simulated_warehouse):
    warehouse = Warehouse(simulated_warehouse)
    undescribed = []
    for seed in (n for n in manifest["nodes"].values() if n["resource_type"] == "seed"):
        undescribed += [] if seed["description"].strip() else [seed["name"]]
        described = {c["name"] for c in seed["columns"].values() if c["description"].strip()}
        built = warehouse.columns(f"{seed['schema']}.{seed['name']}")
        undescribed += [f"{seed['name']}.{c}" for c in built if c not in described]
    assert undescribed == []


def test_every_raw_column_is_described(manifest):
    for source in manifest["sources"].values():
        assert source["description"], source["name"]
        for column in source["columns"].values():
            assert column["description"], f"{source['name']}.{column['name']}"


def test_every_macro_and_argument_is_described():
    """That dbt knows them all (flag `validate_macro_args`) does not say that none is missing."""
    document = yaml.safe_load((ROOT / "macros" / "_macros.yml").read_text(encoding="utf-8"))
    described = {macro["name"]: macro for macro in document["macros"]}
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "macros").rglob("*.sql")]
    # An implementation for one engine (`duckdb__`) is described where it is called from.
    written = {
        name: arguments
        for text in texts
        for name, arguments in re.findall(r"\{%-? *macro (\w+)\((.*?)\) *-?%\}", text)
        if "__" not in name
    }
    assert set(described) == set(written)
    for name, arguments in written.items():
        named = [argument["name"] for argument in described[name].get("arguments", [])]
        assert named == re.findall(r"(?:^|, )(\w+)", re.sub(r"\[.*?\]|\{.*?\}", "", arguments)), (
            name
        )
    parts = [*described.values(), *(a for m in described.values() for a in m.get("arguments", []))]
    assert [part["name"] for part in parts if not part["description"].strip()] == []


def test_descriptions_reach_the_catalogue(simulated_warehouse):
    """Someone who opens the file with any DuckDB client finds the descriptions there."""
    warehouse = Warehouse(simulated_warehouse)
    listed = ", ".join(f"'{schema}'" for schema in MART_SCHEMAS)
    silent = warehouse.frame(
        "select table_name, column_name from duckdb_columns() "
        f"where schema_name in ({listed}) and coalesce(comment, '') = '' and not internal"
    )
    assert silent.to_dict("records") == []
    grainless = warehouse.frame(
        "select schema_name || '.' || table_name as relation from duckdb_tables() "
        f"where schema_name in ({listed}) and coalesce(comment, '') not like '%Grain: %'"
    )
    assert grainless["relation"].tolist() == []
