"""Seeds that columns are made from say what is there: measures, types, the shipped places."""

import re

import pytest
import yaml

from support.dbt import ROOT
from support.study import seed
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.project import seed_rows

MEASURES = seed("measures").fillna("")
# Numbers of such a relation that expressions reach by another kind.
NO_MEASURES = {"int_instruments": {"internet_users_million"}}
SEEDS = {
    entry["name"]: (path, entry)
    for path in sorted((ROOT / "seeds").glob("*/*.yml"))
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]
}
VARIABLES_ROOM = ROOT / "src" / "urban_resilience" / "variables"


def contracted_columns(relation: str) -> dict[str, str]:
    """Columns and types that the YAML of a relation has; no types where it has no contract."""
    (path,) = ROOT.glob(f"models/**/{relation}.yml")
    (model,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    return {column["name"]: column.get("data_type", "") for column in model["columns"]}


def relations_of_the_macro() -> list[str]:
    text = (ROOT / "macros" / "panel_variables.sql").read_text(encoding="utf-8")
    body = re.search(r"macro measure_relations\(\) %\}(.*?)endmacro", text, re.DOTALL).group(1)
    return re.findall(r"'(\w+)'", body)


def test_every_measure_is_a_column_of_its_relation():
    assert len(MEASURES) > 30
    for row in MEASURES.itertuples():
        columns = contracted_columns(row.relation)
        assert columns.get(row.column_name) in (row.data_type, ""), row.measure
        assert {"city_code", "year"} <= set(columns), row.relation
    assert not MEASURES["measure"].duplicated().any()


def test_relations_of_measures_are_those_that_the_macro_joins():
    assert sorted(relations_of_the_macro()) == sorted(MEASURES["relation"].unique())


@pytest.mark.parametrize("relation", relations_of_the_macro())
def test_every_number_of_a_measure_s_relation_is_a_measure(relation):
    named = set(MEASURES.loc[MEASURES["relation"] == relation, "column_name"])
    columns = contracted_columns(relation)
    has_types = any(columns.values())
    numbers = {name for name, kind in columns.items() if kind == "double" or not has_types}
    assert numbers - {"city_code", "year"} - named == NO_MEASURES.get(relation, set())


def test_what_a_measure_needs_is_a_series_or_a_raw_table():
    series = set(seed("raw_columns")["column_name"])
    for row in MEASURES.itertuples():
        assert row.needs, row.measure
        assert set(row.needs.split()) <= series | set(contract()), row.measure


@pytest.mark.parametrize("name", SEEDS)
def test_a_seed_says_the_type_of_every_column(name):
    """A header without rows has no types of its own, and models read them."""
    path, entry = SEEDS[name]
    (file,) = path.parent.glob(f"{name}.csv")
    header = file.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    types = entry["config"].get("column_types", {})
    assert set(header) == set(types), f"column_types of {name}"


def test_every_seed_of_the_study_is_described():
    files = {path.stem for path in (ROOT / "seeds").glob("*/*.csv")}
    assert set(SEEDS) == files


def test_the_variables_room_names_nothing_of_the_shipped_study():
    named = {row["variable"] for row in seed_rows("panel_variables")}
    named |= {row["indicator_id"] for row in seed_rows("resilience_indicators")}
    named |= {row["index_id"] for row in seed_rows("index_definitions")}
    named |= {row["measure"] for row in seed_rows("measures")}
    named |= {row["group_id"] for row in seed_rows("city_groups")}
    named |= {row["policy_id"] for row in seed_rows("policy_pilots")}
    named |= {row["column_name"] for row in seed_rows("raw_columns") if row["dimension"]}
    # Docstrings and comments show how expressions are written.
    texts = {
        path.name: re.sub(r'""".*?"""|#[^\n]*', "", path.read_text(encoding="utf-8"), flags=re.S)
        for path in VARIABLES_ROOM.glob("*.py")
    }
    macros = (ROOT / "macros" / "panel_variables.sql").read_text(encoding="utf-8")
    texts["panel_variables.sql"] = re.sub(r"\{#.*?#\}", "", macros, flags=re.S)
    for folder in ("variables", "sample"):
        for path in (ROOT / "models" / "intermediate" / folder).glob("*.sql"):
            text = path.read_text(encoding="utf-8")
            texts[path.name] = re.sub(r"\{#.*?#\}|--[^\n]*", "", text, flags=re.S)
    # Words of SQL and Python, and relations that compute one measure.
    words = {name for name in named if len(name) > 4} - {"members", "phase"}
    found = {
        (file, name)
        for file, text in texts.items()
        for name in words & set(re.findall(r"\w+", text))
    }
    assert found == set()


# --- facts of the shipped list of places ----------------------------------------------------------


def test_no_municipality_is_a_provincial_capital():
    groups = seed("city_groups")
    members = {name: set(rows["city_code"]) for name, rows in groups.groupby("group_id")}
    assert len(members["municipality"]) == 4
    assert len(members["provincial_capital"]) > 20
    assert members["municipality"].isdisjoint(members["provincial_capital"])


def test_a_code_begins_with_that_of_its_province():
    cities = seed("cities")
    assert (cities["city_code"].str[:2] == cities["province_code"]).all()
    assert cities["city_code"].str.fullmatch(r"\d{6}").all()
    assert set(cities["province_code"]) <= set(seed("provinces")["province_code"])


def test_seats_lie_in_china():
    seats = seed("cities")[["longitude", "latitude"]].astype(float)
    assert seats["longitude"].between(73, 136).all()
    assert seats["latitude"].between(3, 54).all()
