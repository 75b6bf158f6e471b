"""Lists of pilots as people keep them: by name, as dummies of city-years, in their own words."""

from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest

from urban_resilience.intake.checking.check import check
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.intake.prepare import inspect
from urban_resilience.intake.recognition.shapes.pilots import policy_named, word_key, words
from urban_resilience.reporting.policies import policies_in_words
from urban_resilience.shared.project import seed_rows

YEARBOOK = "行政区划代码,城市,年份,地区生产总值(亿元)\n110000,北京市,2008,1031.8\n"
NUMBERS = "一二三四五六七八九"


def prepared(folder: Path, **files: str):
    """Report and pilots of a folder with these files beside a yearbook."""
    raw = folder / "raw"
    raw.mkdir()
    (raw / "yearbook.csv").write_text(YEARBOOK, encoding="utf-8")
    for name, text in files.items():
        (raw / f"{name}.csv").write_text(text, encoding="utf-8")
    return read(raw, folder / "out")


def read(raw: Path, out: Path):
    report = inspect(raw, out)
    path = out / "policy_pilots.parquet"
    return report, pd.read_parquet(path) if path.exists() else pd.DataFrame()


def notes(report) -> str:
    found = [source for source in report.sources if source.table == "policy_pilots"]
    return "; ".join(note for source in found for note in source.notes)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("宽带中国试点城市名单", "broadband_china"),
        ("“宽带中国”示范城市（城市群）", "broadband_china"),
        ("Broadband-China pilot cities 2014", "broadband_china"),
        ("第三批国家低碳城市试点", "low_carbon_city"),
        ("LOW CARBON CITY", "low_carbon_city"),
        ("国家智慧城市", "smart_city"),
        ("smart_city", "smart_city"),
        # Two policies, a short name within a word, and none.
        ("宽带中国与智慧城市", ""),
        ("LCCB panel", ""),
        ("海绵城市", ""),
    ],
)
def test_a_policy_is_known_by_its_names(text, policy):
    assert policy_named(text) == policy


def test_batches_of_every_spelling_are_one_number():
    known = words("batch")
    for number, numeral in enumerate(NUMBERS, 1):
        for text in (f"第{numeral}批", f"第{number}批", f"{number}", numeral, f"Batch {number}"):
            assert known[word_key(text)] == str(number), text
    assert known[word_key("首批")] == known[word_key("First batch")] == "1"


@pytest.mark.thorough
def test_sql_reads_words_as_python_does(tmp_path):
    """The warehouse reads every alias, whatever its case, width and punctuation."""
    (tmp_path / "city_yearbook.csv").write_text("city_code,year\n", encoding="utf-8")
    with duckdb.connect() as connection:
        project = ProjectSql(connection, tmp_path)
        project.relation("pilot_aliases")
        for column in ("policy_id", "batch", "scope"):
            for text, value in (*words(column).items(), ("1.0", "1"), ("own name", "own name")):
                if column == "batch" or text != "1.0":
                    spelled = f" “{text.upper()}” ".replace("“1.0”", "1.0")
                    shown = text.upper() if text == "own name" else spelled
                    sql = f"select {project.macro('aliased', column)} from (select ? as {column})"
                    read_as = connection.execute(sql, [shown]).fetchone()[0]
                    assert read_as == (shown if text == "own name" else value), (column, text)


def test_a_list_takes_its_policy_from_the_file_and_sets_a_cluster_aside(tmp_path):
    text = "批次,年份,城市\n第一批,2014,北京\n第一批,2014,长株潭城市群\n第二批,2015,太原\n"
    report, pilots = prepared(tmp_path, 宽带中国试点城市名单=text)
    assert not report.problems
    assert set(pilots["policy_id"]) == {"broadband_china"}
    assert list(pilots["city_code"]) == ["110000", "000000", "140100"]
    assert list(pilots["source_row"]) == [2, 3, 4]
    assert "policy_id broadband_china from the title" in notes(report)


def test_a_sheet_or_a_title_names_policy_batch_and_year(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "yearbook.csv").write_text(YEARBOOK, encoding="utf-8")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "低碳城市试点"
    for row in (["序号", "城市", "年份"], [1, "石家庄市", 2013], [2, "苏州市", 2013]):
        sheet.append(row)
    other = book.create_sheet("Sheet2")
    for row in (["第二批国家智慧城市试点名单（2013年）"], ["城市"], ["无锡市"]):
        other.append(row)
    book.save(raw / "pilots.xlsx")
    report, pilots = read(raw, tmp_path / "out")
    assert not report.problems
    found = pilots.fillna("").set_index("city_code")[["policy_id", "batch", "year"]]
    assert found.loc["130100"].tolist() == ["low_carbon_city", "", 2013]
    assert found.loc["320200"].tolist()[0] == "smart_city"
    assert found.loc["320200"].tolist()[2] == 2013
    assert len(found) == 3


def test_a_list_that_names_no_policy_is_not_given_one(tmp_path):
    report, pilots = prepared(tmp_path, 名单="年份,城市\n2014,北京\n")
    assert pilots.empty
    assert any("名单" in item.header for item in report.unused)


def test_a_yearbook_named_after_a_policy_stays_a_yearbook(tmp_path):
    text = "城市,年份,地区生产总值(亿元)\n天津,2014,1000\n"
    report, pilots = prepared(tmp_path, 智慧城市面板=text)
    assert pilots.empty
    assert sum(source.table == "city_yearbook" for source in report.sources) == 2


PANEL = """年份,城市,试点城市,post,DID
2012,北京市,1,0,0
2013,北京市,1,1,0
2014,北京市,1,1,1
2012,天津市,1,0,0
2013,天津市,1,1,1
2014,天津市,1,1,0
2012,唐山市,1,0,1
2013,唐山市,1,1,1
2014,唐山市,1,1,1
2012,邯郸市,0,0,0
2013,邯郸市,0,1,0
2014,邯郸市,0,1,0
"""


def test_a_dummy_dates_a_city_by_its_first_one(tmp_path):
    report, pilots = prepared(tmp_path, **{"宽带中国-地级市版": PANEL})
    assert not report.problems
    assert dict(zip(pilots["city_code"], pilots["year"], strict=True)) == {
        "110000": 2014,
        "120000": 2013,
        "130200": 2012,
    }
    assert set(pilots["policy_id"]) == {"broadband_china"}
    # The row is that of the first 1.
    assert list(pilots["source_row"]) == [4, 6, 8]
    said = notes(report)
    assert "`试点城市` left out: it never changes within a city" in said
    assert "`post` left out: it is the same in every city" in said
    assert "12 city-years: 3 of 4 cities have a 1" in said
    assert "`DID` falls back to 0 in 天津市" in said
    assert "`DID` is 1 from the first row of 唐山市" in said


def test_dummies_of_several_policies_are_told_by_their_headers(tmp_path):
    text = (
        "city_code,year,宽带中国,低碳城市\n"
        "110000,2013,0,1\n110000,2014,1,1\n120000,2013,0,0\n120000,2014,1,1\n"
    )
    report, pilots = prepared(tmp_path, dummies=text)
    assert not report.problems
    found = {(p, c): y for p, c, y in pilots[["policy_id", "city_code", "year"]].to_numpy()}
    assert found == {
        ("broadband_china", "110000"): 2014,
        ("broadband_china", "120000"): 2014,
        ("low_carbon_city", "110000"): 2013,
        ("low_carbon_city", "120000"): 2014,
    }
    # One row of the file may be a pilot of two policies.
    assert sorted(pilots["source_row"]) == [2, 3, 5, 5]
    assert set(pilots["source_file"]) == {
        "dummies.csv [broadband_china]",
        "dummies.csv [low_carbon_city]",
    }


def test_a_policy_a_row_with_a_flag_keeps_the_flagged(tmp_path):
    text = (
        "政策,城市,年份,批次,是否试点\n宽带中国,北京,2014,第一批,是\n宽带中国,邯郸,2014,第一批,否\n"
        "智慧城市,天津,2013,1,1\n智慧城市,邯郸,2013,1,1\n"
    )
    report, pilots = prepared(tmp_path, 试点名单=text)
    assert not report.problems
    assert pilots[
        ["policy_id", "city_code", "year", "batch", "source_row"]
    ].to_numpy().tolist() == [
        ["宽带中国", "110000", 2014, "第一批", 2],
        ["智慧城市", "120000", 2013, "1", 4],
        ["智慧城市", "130400", 2013, "1", 5],
    ]


def test_a_dummy_says_gaps_and_contradictions(tmp_path):
    text = "城市,年份,DID\n天津,2012,0\n天津,2014,1\n唐山,2012,0\n唐山,2013,0\n唐山,2013,1\n"
    report, pilots = prepared(tmp_path, 智慧城市=text + "邯郸,2012,0\n邯郸,2013,0\n")
    assert dict(zip(pilots["city_name_zh"], pilots["year"], strict=True)) == {
        "天津": 2014,
        "唐山": 2013,
    }
    assert "the year before the first 1 is missing for 天津" in notes(report)
    assert "1 city-years hold both 0 and 1: the 1 counts" in notes(report)


def test_a_dummy_of_no_named_policy_is_said(tmp_path):
    text = "城市,年份,treat,DID\n天津,2013,1,0\n天津,2014,1,1\n唐山,2013,0,0\n唐山,2014,0,0\n"
    report, pilots = prepared(tmp_path, panel=text)
    assert pilots.empty
    assert any("`DID` dates pilots, and nothing names" in item.reason for item in report.unused)


def test_columns_of_start_years_are_lists(tmp_path):
    text = (
        "城市,宽带中国,低碳城市试点\n天津,2014,2010\n唐山,2016年,0\n邯郸,,/\n石家庄,2014.0,2012\n"
    )
    report, pilots = prepared(tmp_path, 政策=text)
    assert not report.problems
    found = {(p, c): y for p, c, y in pilots[["policy_id", "city_code", "year"]].to_numpy()}
    assert found == {
        ("broadband_china", "120000"): 2014,
        ("broadband_china", "130200"): 2016,
        ("broadband_china", "130100"): 2014,
        ("low_carbon_city", "120000"): 2010,
        ("low_carbon_city", "130100"): 2012,
    }
    assert "`宽带中国` holds the years in which 3 cities became pilots" in notes(report)


def test_a_panel_of_figures_with_a_dummy_is_both(tmp_path):
    text = "城市,年份,地区生产总值(亿元),DID\n天津,2013,1.5,0\n天津,2014,1.6,1\n唐山,2014,3,0\n"
    report, pilots = prepared(tmp_path, 智慧城市=text)
    assert not report.problems
    assert pilots[["policy_id", "city_code", "year"]].to_numpy().tolist() == [
        ["smart_city", "120000", 2014]
    ]
    assert sum(source.table == "city_yearbook" for source in report.sources) == 2


@pytest.mark.parametrize("cell", ["2", "0.5", "yes please"])
def test_what_is_no_dummy_is_not_read_as_one(tmp_path, cell):
    text = f"城市,年份,DID\n天津,2013,0\n天津,2014,{cell}\n"
    _, pilots = prepared(tmp_path, 智慧城市=text)
    assert pilots.empty


def test_check_data_says_what_a_list_comes_to(tmp_path):
    (tmp_path / "yearbook.csv").write_text(YEARBOOK, encoding="utf-8")
    (tmp_path / "试点名单.csv").write_text(
        "政策,城市,年份,批次\n低碳城市,北京市,2013,第二批\n低碳城市,天津市,2013,第二批\n"
        "低碳城市,长株潭城市群,2013,第二批\nlowcarbon_citys,北京市,2014,2014年度\n海绵城市,北京市,2015,1\n",
        encoding="utf-8",
    )
    text = " ".join(check(tmp_path)[0].split())
    seeded = sum(row["policy_id"] == "low_carbon_city" for row in seed_rows("policy_pilots"))
    assert (
        f"low_carbon_city: 3 rows, in place of the seed's {seeded}; 2 cities; 1 row without a "
        "known city; 2 rows without a scope taken for whole cities; not in the yearbook: 天津市; "
        "used by" in text
    )
    assert "lowcarbon_citys: 1 row; 1 city;" in text
    assert "batches kept as they are: 2014年度; no row of seed regression_specs uses it (is" in text
    assert "(is low_carbon_city meant?)" in text
    assert (
        "海绵城市: 1 row; 1 city; 1 row without a scope taken for whole cities; no row of" in text
    )


@pytest.mark.thorough
def test_check_data_takes_a_list_without_batches(tmp_path):
    (tmp_path / "yearbook.csv").write_text(YEARBOOK, encoding="utf-8")
    (tmp_path / "宽带中国-地级市版.csv").write_text(PANEL, encoding="utf-8")
    text = " ".join(check(tmp_path)[0].split())
    assert "broadband_china: 3 rows, in place of the seed's" in text
    assert "batches kept as they are" not in text


def test_the_summary_says_whose_list_counts():
    with duckdb.connect() as connection:
        connection.execute("create schema reference")
        connection.execute(
            "create table reference.rpt_policies as select * from (values "
            "('low_carbon_city', 'supplied', 92, 3, 1, 92, 0, 2, 1, 3, null),"
            "('smart_city', 'seed', 1, 0, 0, 0, 1, 0, 0, 1, 'batch 3 is incomplete')) as rows ("
            "policy_id, source, n_cities, n_rows_without_city, n_rows_faulty,"
            " n_rows_of_assumed_scope, n_cities_in_several_lists, n_cities_without_data,"
            " n_cities_left_out, n_specs, remark)"
        )
        text = " ".join(policies_in_words(connection).split())
    assert text == (
        "Policies low_carbon_city: your list, in place of the seed's, 92 cities, 3 rows without a "
        "known city, 1 row rejected, 92 rows without a scope taken for whole cities, 2 not in the "
        "yearbook, 1 not in the sample, 3 regressions smart_city: seed's list, 1 city, 1 of them "
        "in several lists (the first date counts), 1 regression; batch 3 is incomplete"
    )
