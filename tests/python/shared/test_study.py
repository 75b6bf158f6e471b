"""STUDY names a folder of seeds: what is its own, what it takes from the shipped ones."""

import csv
import os
from pathlib import Path

import pytest

from support.dbt import ROOT
from urban_resilience.shared.names import nearest
from urban_resilience.shared.problems import IntakeError
from urban_resilience.shared.project import SEEDS_VARIABLE, check_seeds, seed_path, seed_rows
from urban_resilience.shared.study import (
    STUDY_VARIABLE,
    put_together,
    seeds_of_places,
    use_study,
)

SHIPPED = ROOT / "seeds"
OWN_VARIABLES = """# What I study.

# Each row is a column of the panel.
variable,position,expression
income,1,gdp_100m_yuan
# income_2,2,not yet
"""


def rows_of(folder: Path, seed: str) -> list[dict[str, str]]:
    (path,) = folder.glob(f"*/{seed}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "my study"
    folder.mkdir()
    (folder / "panel_variables.csv").write_text("\ufeff" + OWN_VARIABLES, encoding="utf-8")
    (folder / "study_settings.csv").write_text(
        "setting,value\n#\nstudy_start_year,2001\nstudy_end_year,2010\nmin_members,7\n"
    )
    (folder / "notes.txt").write_text("not a seed")
    return folder


def test_an_own_seed_takes_the_place_of_the_shipped_one_without_its_comments(study, tmp_path):
    put_together(study, SHIPPED, tmp_path / "out")
    (row,) = rows_of(tmp_path / "out", "panel_variables")
    filled = {name: text for name, text in row.items() if text}
    assert filled == {"variable": "income", "position": "1", "expression": "gdp_100m_yuan"}
    # Columns that the folder leaves out are there, and empty: the seed's types name them all.
    shipped = rows_of(SHIPPED, "panel_variables")[0]
    assert list(row) == list(shipped)
    text = (tmp_path / "out" / "study" / "panel_variables.csv").read_text(encoding="utf-8")
    assert "#" not in text
    assert not text.startswith("\ufeff")


def test_other_seeds_of_the_study_are_empty_and_reference_seeds_as_shipped(study, tmp_path):
    put_together(study, SHIPPED, tmp_path / "out")
    own = {path.stem for path in study.glob("*.csv")}
    of_places = seeds_of_places(SHIPPED)
    emptied = set()
    for path in SHIPPED.glob("*/*.csv"):
        made, shipped = rows_of(tmp_path / "out", path.stem), rows_of(SHIPPED, path.stem)
        if path.parent.name == "reference" or path.stem in of_places:
            assert made == shipped, path.stem
        elif path.stem not in {*own, "data_expectations"}:
            emptied.add(path.stem)
            (header,) = list(csv.reader((tmp_path / "out" / path.relative_to(SHIPPED)).open()))
            assert header == next(iter(csv.reader(path.open(encoding="utf-8")))), path.stem
    assert {"regression_specs", "resilience_indicators", "index_definitions"} <= emptied
    for path in SHIPPED.rglob("*.yml"):
        assert (tmp_path / "out" / path.relative_to(SHIPPED)).read_bytes() == path.read_bytes()


def test_settings_that_are_not_named_are_the_shipped_ones(study, tmp_path):
    put_together(study, SHIPPED, tmp_path / "out")
    shipped = {row["setting"]: row["value"] for row in rows_of(SHIPPED, "study_settings")}
    made = {row["setting"]: row["value"] for row in rows_of(tmp_path / "out", "study_settings")}
    own = {"study_start_year": "2001", "study_end_year": "2010", "min_members": "7"}
    assert made == {name: text for name, text in (shipped | own).items() if name in made}
    # The regression that the summary leads with is one of the shipped rows.
    assert set(shipped) - set(made) == {"headline_spec"}


def test_a_study_says_its_years(study, tmp_path):
    (study / "study_settings.csv").write_text("setting,value\nstudy_start_year,2001\n")
    with pytest.raises(IntakeError, match=r"study_settings.csv: there is no row of study_end_year"):
        put_together(study, SHIPPED, tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("variable,expression\na,greatest(x, 1)\n", "record 2 has 3 cells, the header has 2"),
        ("variable,variable\na,x\n", "column `variable` stands there 2 times"),
        ('variable,expression\na,"x\n', "it cannot be read as CSV"),
        ("variable;expression\na;x\n", "its columns are separated by semicolons, not by commas"),
        ("variable\texpression\na\tx\n", "its columns are separated by tabs, not by commas"),
    ],
)
def test_a_seed_that_is_no_table_is_named(study, text, fault, tmp_path):
    (study / "panel_variables.csv").write_text(text)
    with pytest.raises(IntakeError, match=f"panel_variables.csv: {fault}"):
        put_together(study, SHIPPED, tmp_path / "out")


def test_what_a_folder_held_before_is_gone(study, tmp_path):
    stale = tmp_path / "out" / "study" / "old.csv"
    stale.parent.mkdir(parents=True)
    stale.write_text("a\n1\n")
    put_together(study, SHIPPED, tmp_path / "out")
    assert not stale.exists()


def test_own_places_inherit_nothing_about_the_shipped_places(study, tmp_path):
    of_places = seeds_of_places(SHIPPED)
    assert {"cities", "provinces", "city_groups", "policy_pilots", "other_places"} <= of_places
    (study / "cities.csv").write_text("city_code,city_name_en\nDE11,Stuttgart\n")
    (study / "city_groups.csv").write_text("group_id,city_code\neast,DE11\n")
    put_together(study, SHIPPED, tmp_path / "out")
    (city,) = rows_of(tmp_path / "out", "cities")
    assert (city["city_code"], city["city_name_en"], city["city_name_zh"]) == (
        *("DE11", "Stuttgart"),
        "",
    )
    assert len(rows_of(tmp_path / "out", "city_groups")) == 1
    for seed in of_places - {"cities", "city_groups", "raw_columns"}:
        assert rows_of(tmp_path / "out", seed) == [], seed
    # Series of the yearbook are about the shipped places; columns of other files are not.
    kept = [row for row in rows_of(SHIPPED, "raw_columns") if row["table_name"] != "city_yearbook"]
    assert rows_of(tmp_path / "out", "raw_columns") == kept


def test_raw_columns_stand_beside_the_shipped_ones(study, tmp_path):
    shipped = rows_of(SHIPPED, "raw_columns")
    (study / "raw_columns.csv").write_text(
        "# my series\ntable_name,column_name,unit,note\ncity_yearbook,pm25,ug_m3,mine\n"
        "city_yearbook,gdp_100m_yuan,100m_eur,in euro\n"
    )
    put_together(study, SHIPPED, tmp_path / "out")
    own, gdp, *others = rows_of(tmp_path / "out", "raw_columns")
    assert (own["column_name"], own["unit"], own["note"], own["name_zh"]) == (
        *("pm25", "ug_m3", "mine"),
        "",
    )
    assert (gdp["unit"], gdp["note"]) == ("100m_eur", "in euro")
    rest = [row for row in shipped if row["column_name"] != "gdp_100m_yuan"]
    assert others == [{**row, "note": ""} for row in rest]
    (study / "cities.csv").write_text("city_code,city_name_en\nDE11,Stuttgart\n")
    put_together(study, SHIPPED, tmp_path / "out")
    made = rows_of(tmp_path / "out", "raw_columns")
    of_places = {row["column_name"] for row in made if row["table_name"] == "city_yearbook"}
    assert of_places == {"pm25", "gdp_100m_yuan"}


@pytest.mark.parametrize("is_relative", [True, False])
def test_everybody_reads_the_study_that_is_named(study, is_relative, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SEEDS_VARIABLE, "")
    monkeypatch.setenv(STUDY_VARIABLE, study.name if is_relative else str(study))
    root = tmp_path / "project"
    (root / "seeds").parent.mkdir()
    (root / "seeds").symlink_to(SHIPPED)
    monkeypatch.setattr("urban_resilience.shared.project.ROOT", root)
    out = use_study(root)
    assert out.is_relative_to(root / "target" / "studies")
    assert os.environ[SEEDS_VARIABLE] == out.relative_to(root).as_posix()
    assert [row["variable"] for row in seed_rows("panel_variables")] == ["income"]
    assert seed_path("cities").parent.parent == out
    check_seeds()
    # Named again, it lies in the same place; a folder of the same name elsewhere in another.
    assert use_study(root) == out
    again = tmp_path / "elsewhere" / study.name
    again.mkdir(parents=True)
    (again / "study_settings.csv").write_text((study / "study_settings.csv").read_text())
    monkeypatch.setenv(STUDY_VARIABLE, str(again))
    assert use_study(root) != out
    assert seed_rows("panel_variables") == []


def test_without_a_name_the_shipped_study_is_built(monkeypatch):
    monkeypatch.delenv(STUDY_VARIABLE, raising=False)
    monkeypatch.setenv(SEEDS_VARIABLE, "")
    assert use_study() == SHIPPED
    assert os.environ[SEEDS_VARIABLE] == ""


def test_a_file_that_is_no_seed_is_named_with_those_that_look_like_it(study, tmp_path):
    (study / "panel_variable.csv").write_text("variable\n")
    (study / "zzz.csv").write_text("a\n")
    with pytest.raises(IntakeError) as raised:
        put_together(study, SHIPPED, tmp_path / "out")
    said = str(raised.value)
    assert "panel_variable.csv: no seed has this name (nearest: panel_variables" in said
    assert "zzz.csv: no seed has this name." in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["nowhere", "a_file.csv"])
def test_a_study_that_is_no_folder_is_said(name, tmp_path, monkeypatch):
    (tmp_path / "a_file.csv").write_text("a\n")
    monkeypatch.setenv(STUDY_VARIABLE, str(tmp_path / name))
    with pytest.raises(IntakeError, match=f"STUDY names .*{name}, which is no folder"):
        use_study(tmp_path)


def test_only_whole_lines_are_comments_and_rows_keep_the_line_they_are_on(
    study, tmp_path, monkeypatch
):
    text = '#one\n\nvariable,name_en\na,"#2\nsecond"\n # b,no comment\n#3\n\nc,\u2028last\n'
    (study / "panel_variables.csv").write_text(text, encoding="utf-8")
    put_together(study, SHIPPED, tmp_path / "out")
    monkeypatch.setenv("STUDY_SEEDS", str(tmp_path / "out"))
    rows = seed_rows("panel_variables")
    assert [(row["variable"], row["name_en"], row.line) for row in rows] == [
        ("a", "#2\nsecond", 4),
        (" # b", "no comment", 6),
        ("c", "\u2028last", 9),
    ]
    # Rows of the shipped study come after those of the folder.
    settings = seed_rows("study_settings")
    assert [row.line for row in settings[:4]] == [3, 4, 5, 5]


def test_nearest_names():
    assert nearest("wages", ["wage", "pop"]) == " (nearest: wage)"
    assert nearest("zzz", ["wage", "pop"]) == " (known: wage, pop)"
    assert nearest("zzz", map(str, range(100))) == ""
    assert nearest("zzz", []) == ""


def test_files_that_would_be_passed_over_or_cannot_be_read_are_named(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study_settings.csv").write_text("setting,value\n")
    (folder / "regression_specs.xlsx").write_bytes(b"PK")
    chinese = "variable,name_zh\nx,\u53d8\u91cf\n".encode("gb18030")
    (folder / "panel_variables.csv").write_bytes(chinese)
    (folder / "README.md").write_text("read me")
    with pytest.raises(IntakeError) as raised:
        put_together(folder, ROOT / "seeds", tmp_path / "out")
    said = str(raised.value)
    assert "regression_specs.xlsx: only .csv is read. Save it as CSV in UTF-8." in said
    assert "panel_variables.csv: it is not in UTF-8. Save it as CSV in UTF-8." in said
    assert "README" not in said


def test_a_study_is_judged_by_what_holds_anywhere_and_by_its_own_expectations(study, tmp_path):
    (study / "data_expectations.csv").write_text(
        "expectation_id,layer,relation,expectation,arguments,severity,kind,why\n"
        'income_is_plausible,raw,stg_yearbook__city_years,x,"{""column"": ""income""}",warn,,own\n'
        'no_raw_row_is_rejected,raw,fct_raw_files,x,"{""column"": ""rows_rejected""}",error,,own\n'
    )
    put_together(study, SHIPPED, tmp_path / "out")
    rows = {row["expectation_id"]: row for row in rows_of(tmp_path / "out", "data_expectations")}
    assert rows["income_is_plausible"]["why"] == "own"
    assert rows["no_raw_row_is_rejected"]["severity"] == "error"
    # Gates, keys and results are judged in any study; bounds of a series are those of its places.
    inherited = {"figures_are_in_line_with_other_cities", "yearbook_city_years_are_unique"}
    assert inherited | {"standard_errors_are_positive"} <= set(rows)
    assert not {"gdp_100m_yuan_is_plausible", "panel_resi_is_a_share"} & set(rows)
