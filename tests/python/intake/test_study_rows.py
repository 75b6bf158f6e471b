"""Rows of settings, places, groups and policies that cannot be used are refused before a build."""

from __future__ import annotations

import csv
import shutil

import pytest

from support.dbt import ROOT
from urban_resilience.intake.checking.study_rows import place_problems, study_problems
from urban_resilience.shared.project import SEEDS_VARIABLE


@pytest.fixture
def seeds(tmp_path, monkeypatch):
    """A copy of the shipped seeds that a test may spoil."""
    folder = shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.setenv(SEEDS_VARIABLE, str(folder))
    return folder


def spoil(seeds, name, number, **cells):
    """Change cells of a record (the first after the header is 2)."""
    path = next(seeds.glob(f"*/{name}.csv"))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[number - 2].update(cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_the_shipped_study_has_no_fault(seeds):
    assert study_problems() == []


@pytest.mark.parametrize(
    ("seed", "cells", "said"),
    [
        ("cities", {"city_code": ""}, "row 3, city_code is ''"),
        ("cities", {"city_code": "110000"}, "'110000' stands there 2 times"),
        ("cities", {"longitude": "east"}, "longitude is 'east': degrees, or empty"),
        ("city_groups", {"city_code": "13040"}, "'13040' is not in cities (nearest: "),
        ("city_groups", {"city_code": "130200"}, "130200 is in old_industrial_base 2 times"),
        (
            "city_groups",
            {"group_id": "Old base"},
            "group_id 'Old base' becomes a column, and is no name",
        ),
        ("city_groups", {"group_id": "year"}, "'year' is a column that the panel has already"),
        ("city_groups", {"group_id": "longitude"}, "'longitude' is a column that the panel"),
        ("city_groups", {"group_id": "order"}, "'order' becomes a column, and is a word of SQL"),
        ("policy_pilots", {"city_code": "999999"}, "'999999' is not in cities"),
        (
            "policy_pilots",
            {"policy_id": "smart city"},
            "policy_id 'smart city' becomes a column, and is no name",
        ),
        ("policy_pilots", {"scope": "whole"}, "scope is 'whole' (known: full, partial)"),
        ("policy_pilots", {"year": "2012/13"}, "year is '2012/13': a year of four digits"),
        ("policy_pilots", {"year": "20121"}, "year is '20121': a year of four digits"),
        ("policy_pilots", {"announced_year": "12"}, "announced_year is '12': a year of four digi"),
        ("policy_pilots", {"batch": "first"}, "batch is 'first': a whole number"),
    ],
)
def test_rows_on_places_are_refused_by_name(seeds, seed, cells, said):
    spoil(seeds, seed, 3, **cells)
    problems = [str(problem) for problem in place_problems()]
    assert any(said in text and f"{seed}.csv" in text for text in problems), problems


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"value": "2008.5"}, "Setting study_start_year is `2008.5`. It may be a whole number"),
        ({"value": ""}, "Setting study_start_year is `None`"),
        ({"value": "2020"}, "are the wrong way round"),
        ({"setting": "study_start"}, "nothing reads a setting `study_start` (nearest: "),
    ],
)
def test_settings_are_refused_by_name(seeds, cells, said):
    spoil(seeds, "study_settings", 2, **cells)
    assert said in str(study_problems()[0])


def test_an_attribute_of_places_is_a_column(seeds):
    path = seeds / "reference" / "cities.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    lines = [f"{head},Census region", *(f"{row},South" for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    problems = [str(problem) for problem in place_problems()]
    assert any("column 'Census region' is an attribute of places" in text for text in problems)
