"""A folder in the contract passes through untouched; reports and templates."""

import hashlib
import os

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

from support.command import run_command
from support.dbt import ROOT
from support.disguise import CHINESE, gb18030_semicolon, spelled, write_text
from support.raw import save
from urban_resilience.intake import inspect, prepare
from urban_resilience.intake.cells.text import display_width
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.checking.coverage import study_settings, yearbook_coverage
from urban_resilience.intake.checking.support import table_support, variables_in
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.project import seed_rows
from urban_resilience.variables.study_variables import compile_study


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_contract_folder_passes_through_bit_by_bit(simulated_raw, tmp_path):
    report = prepare(simulated_raw, tmp_path / "out")
    assert report.n_unreadable == 0
    assert all(source.is_linked for source in report.sources)
    for path in simulated_raw.iterdir():
        assert digest(tmp_path / "out" / path.name) == digest(path)
    before = os.stat(simulated_raw / "platform_members.parquet")
    after = os.stat(tmp_path / "out" / "platform_members.parquet")
    assert (before.st_ino, before.st_size) == (after.st_ino, after.st_size)


def test_the_real_folder_passes_through_bit_by_bit(real_raw, tmp_path):
    prepare(real_raw, tmp_path / "out")
    for path in real_raw.glob("*.parquet"):
        assert digest(tmp_path / "out" / path.name) == digest(path)
    pilots = pd.read_parquet(tmp_path / "out" / "policy_pilots.parquet")
    original = pd.read_csv(real_raw / "policy_pilots.csv", dtype={"city_code": str, "batch": str})
    pd.testing.assert_frame_equal(pilots[list(original)], original, check_dtype=False)
    assert pilots["source_row"].tolist() == list(range(2, len(original) + 2))


@pytest.fixture(scope="module")
def from_csv(small_files, tmp_path_factory):
    """Every file as CSV, prepared."""
    folder = tmp_path_factory.mktemp("csv")
    return prepare(save(small_files, folder / "raw", extension="csv"), folder / "out")


@pytest.mark.thorough
def test_every_file_as_csv_is_what_it_was_as_parquet(small_files, from_csv):
    report = from_csv
    assert report.tables == {name: len(small_files[name]) for name in report.tables}
    assert set(report.tables) == set(small_files)
    for name, expected in small_files.items():
        keys = [c for c in contract()[name].keys if c in expected]
        rows = pd.read_parquet(report.out_dir / f"{name}.parquet")[list(expected)]
        pd.testing.assert_frame_equal(
            rows.sort_values(keys, ignore_index=True),
            expected.sort_values(keys, ignore_index=True),
            check_dtype=False,
            check_exact=True,
        )


def test_prepared_files_have_the_contract_s_columns_and_types(from_csv):
    document = yaml.safe_load((ROOT / "models/staging/_raw__sources.yml").read_text())
    tables = {table["name"]: table["columns"] for table in document["sources"][0]["tables"]}
    # The series of the yearbook are rows of a seed, not columns of the contract.
    tables["city_yearbook"] += [
        {"name": row["column_name"], "data_type": "double"}
        for row in seed_rows("raw_columns")
        if row["table_name"] == "city_yearbook"
    ]
    arrow = {"varchar": "string", "integer": "int32", "double": "double", "bigint": "int64"}
    arrow["timestamp"] = "timestamp[us]"
    for path in from_csv.out_dir.glob("*.parquet"):
        own = {} if path.stem in ("unreadable_cells", "raw_files") else {
            "source_file": "string", "source_row": "int64",
        }  # fmt: skip
        if path.stem not in tables:
            continue
        expected = {c["name"]: arrow[c["data_type"]] for c in tables[path.stem]} | own
        schema = pq.read_schema(path)
        found = {field.name: str(field.type).replace("large_string", "string") for field in schema}
        assert found == expected, path.stem


@pytest.mark.thorough
def test_the_stamp_of_simulated_data_goes_along(simulated_raw, small_files, tmp_path):
    prepare(simulated_raw, tmp_path / "out")
    assert (tmp_path / "out" / "truth.json").exists()
    save(small_files, tmp_path / "raw")
    prepare(tmp_path / "raw", tmp_path / "out")
    assert not (tmp_path / "out" / "truth.json").exists()


def test_a_second_run_leaves_nothing_of_the_first(simulated_raw, small_files, tmp_path):
    prepare(simulated_raw, tmp_path / "out")
    only = {"city_yearbook": small_files["city_yearbook"]}
    save(only, tmp_path / "raw")
    prepare(tmp_path / "raw", tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "city_yearbook.parquet", "raw_files.parquet", "unreadable_cells.parquet",
    }  # fmt: skip


def test_historical_codes_in_parquet_are_brought_up_to_date(small_files, tmp_path):
    rows = small_files["city_yearbook"].copy()
    rows.loc[0, ["city_code", "city_name_zh"]] = ["522400", "毕节地区"]
    save({"city_yearbook": rows}, tmp_path / "raw")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    assert not report.sources[0].is_linked
    assert any("earlier year" in note for note in report.sources[0].notes)
    assert (
        pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet").loc[0, "city_code"] == "520500"
    )


def test_the_sources_are_listed(small_files, tmp_path):
    gb18030_semicolon(small_files["city_yearbook"], tmp_path / "raw")
    prepare(tmp_path / "raw", tmp_path / "out")
    listed = pd.read_parquet(tmp_path / "out" / "raw_files.parquet").iloc[0]
    assert listed["table_name"] == "city_yearbook"
    assert (listed["encoding"], listed["delimiter"]) == ("gb18030", "semicolon")
    assert listed["rows_in"] == len(small_files["city_yearbook"])
    assert "万元 to 亿元: / 10,000" in listed["conversions"]


@pytest.mark.thorough
def test_check_reports_on_a_folder_that_can_be_built(small_files, tmp_path):
    rows = small_files["city_yearbook"]
    table = spelled(rows.drop(columns="mobile_subscribers_10k"), CHINESE)
    table["邮编"] = "100000"
    table.loc[3, "地区生产总值（当年价格）（万元）"] = "about a million"
    (tmp_path / "raw").mkdir()
    write_text(table, tmp_path / "raw" / "年鉴.csv", "gb18030", ",")
    checked = run_command("check-data", "--raw", tmp_path / "raw")
    assert checked.code == 0, checked.err
    text = checked.out
    for words in (
        "city_yearbook <- 年鉴.csv (csv, gb18030, comma;",
        "万元 to 亿元: / 10,000",
        "ignored: 邮编",
        "columns of city_yearbook: mobile_subscribers_10k",
        "row 5, column `gdp_100m_yuan`: 'about a million' is not a number",
        f"Coverage of city_yearbook: {rows['city_code'].nunique()} cities, 2005 to 2019",
        "lacking wherever anything is: industry_output, input_output_flows, platform_members",
        "table_3          no\n",
        "Ready:",
    ):
        assert words in text
    table = [line for line in text.splitlines() if line.startswith("  ") and line.endswith(" 100")]
    assert len({display_width(line) for line in table}) == 1


def test_check_fails_on_a_folder_that_cannot_be_built(tmp_path):
    (tmp_path / "city_yearbook.csv").write_bytes(b"")
    checked = run_command("check-data", "--raw", tmp_path)
    assert checked.code == 1
    text = checked.out
    assert "1 problem to solve" in text
    assert "city_yearbook.csv: the file is empty." in text


def test_the_simulated_folder_supports_every_table(simulated_raw, tmp_path):
    report = inspect(simulated_raw, tmp_path / "out")
    settings = study_settings()
    support = table_support(report.tables, yearbook_coverage(tmp_path / "out"), settings)
    assert len(support) >= 9
    assert [item.lacking for item in support if item.n_supported < item.n_specs] == []


def test_what_a_table_needs_is_read_from_its_specifications():
    study = compile_study()

    def needs(words: str) -> set[str]:
        named = variables_in(words, study.variables)
        return {need for name in named for need in study.needs[name]}

    assert variables_in("is_estimation_sample and agg_quartile = 'low'", study.variables) == {"agg"}
    assert needs("agg_quartile") == {"above_scale_industrial_firms", "land_area_km2"}
    assert needs("is_high_digital_infrastructure") == {"indicators:digital_infrastructure"}
    assert needs("is_urban_agglomeration and not is_old_industrial") == set()
    assert needs("resi_unwinsorized") == needs("resi") == {"indicators:resilience"}


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("templates")
    assert run_command("template", "--out", folder).code == 0
    return folder


def test_templates_are_complete(templates):
    guide = (templates / "column_guide.md").read_text(encoding="utf-8")
    for table in contract().values():
        form = templates / f"{table.name}_template.csv"
        assert form.read_bytes().startswith(b"\xef\xbb\xbf")
        # What others can be derived from is no line of a form; the guide has it.
        asked_for = [column.name for column in table.columns if not column.is_auxiliary]
        assert list(pd.read_csv(form)) == asked_for
        assert f"## {table.name} (" in guide
        for column in table.columns:
            assert f"| {column.name} | {column.name_zh} |" in guide
    columns = pd.read_csv(templates / "column_guide.csv")
    assert len(columns) == sum(len(table.columns) for table in contract().values())


def test_a_filled_template_is_understood(templates, small_files, tmp_path):
    rows = small_files["city_yearbook"]
    raw = tmp_path / "raw"
    raw.mkdir()
    for form in templates.iterdir():
        (raw / form.name).write_bytes(form.read_bytes())
    workbook = openpyxl.load_workbook(raw / "city_yearbook_template.xlsx")
    for row in rows.astype(object).where(rows.notna(), None).itertuples(index=False):
        workbook.active.append(list(row))
    workbook.save(raw / "city_yearbook_template.xlsx")
    report = prepare(raw, tmp_path / "out")
    assert set(report.tables) == {"city_yearbook"}
    (guide,) = [item for item in report.unused if item.header == "column_guide.csv"]
    assert guide.reason == "the guide to the forms, which is no data"
    found = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")[list(rows)]
    pd.testing.assert_frame_equal(found, rows, check_dtype=False, check_exact=True)


@pytest.mark.thorough
def test_a_report_on_simulated_data_says_so(simulated_raw, small_files, tmp_path):
    assert "SIMULATED DATA" in check(simulated_raw)[0]
    assert "SIMULATED DATA" not in check(save(small_files, tmp_path / "raw"))[0]


@pytest.mark.thorough
def test_the_report_shows_cells_far_from_their_neighbours(small_files, tmp_path):
    yearbook = small_files["city_yearbook"].copy()
    cell = yearbook.index[(yearbook["year"] == 2012) & yearbook["gdp_100m_yuan"].notna()][0]
    yearbook.loc[cell, "gdp_100m_yuan"] *= 10_000
    raw = save({**small_files, "city_yearbook": yearbook}, tmp_path / "raw")
    text, is_ready = check(raw)
    city = yearbook.loc[cell, "city_code"]
    assert is_ready
    (line,) = [line for line in text.splitlines() if f"{city}, 2012, `gdp_100m_yuan`" in line]
    assert "times its neighbours" in line
    assert "1 of them look like a slip of the unit" in " ".join(text.split())
