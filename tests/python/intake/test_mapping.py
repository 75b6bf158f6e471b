"""`columns.csv`: what the owner of a folder says of headers and files, checked row by row."""

import csv

import pandas as pd
import pytest

from urban_resilience.intake import inspect
from urban_resilience.intake.checking.mapping_draft import write_mapping
from urban_resilience.intake.vocabulary.mapping import Mapping, Said, is_said, using

PANEL = "市,年份,财务一,备注二,GDP(亿元)\n石家庄市,2010,1000,3,5000\n唐山市,2010,1200,4,6000\n"
OTHER = PANEL.replace("5000", "5001")


def read(folder, mapping, **files):
    """Write files of text and a mapping, and read them."""
    raw = folder / "raw"
    raw.mkdir(exist_ok=True)
    for stem, text in files.items():
        (raw / f"{stem}.csv").write_text(text, encoding="utf-8")
    if mapping:
        (raw / "columns.csv").write_text(mapping, encoding="utf-8")
    return inspect(raw, folder / "out")


def figures(folder):
    return pd.read_parquet(folder / "out" / "city_yearbook.parquet").set_index("city_code")


def problems(report):
    return "\n".join(map(str, report.problems))


def test_a_header_is_the_column_and_unit_that_the_owner_says(tmp_path):
    report = read(
        tmp_path, "header,column,unit\n财务一,loans_100m_yuan,万元\n备注*,ignore,\n", a=PANEL
    )
    assert not report.problems
    assert figures(tmp_path)["loans_100m_yuan"].tolist() == [0.1, 0.12]
    ignored = {item.header: item.reason for item in report.sources[0].ignored}
    assert ignored == {"备注二": "left out by columns.csv, row 3"}
    assert any("万元 by columns.csv, row 2" in note for note in report.sources[0].notes)


def test_the_owner_goes_before_the_header(tmp_path):
    report = read(tmp_path, "header,column,unit\nGDP(亿元),gdp_100m_yuan,万元\n", a=PANEL)
    assert not report.problems
    assert figures(tmp_path)["gdp_100m_yuan"].tolist() == [0.5, 0.6]
    assert "GDP(亿元): 万元, not 亿元, by columns.csv, row 2" in " ".join(report.sources[0].notes)


def test_a_row_may_speak_of_one_sheet_alone(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    with pd.ExcelWriter(raw / "两表.xlsx") as book:
        for sheet, year in (("甲", 2010), ("乙", 2011)):
            rows = [("石家庄市", year, 5.0 * year)]
            pd.DataFrame(rows, columns=["市", "年份", "数列"]).to_excel(
                book, sheet_name=sheet, index=False
            )
    mapping = "file,sheet,header,column,unit\n两表*,甲,数列,gdp_100m_yuan,亿元\n"
    mapping += "两表.xlsx,乙,数列,loans_100m_yuan,亿元\n"
    report = read(tmp_path, mapping)
    assert not report.problems
    found = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet").set_index("year")
    assert found.loc[2010, "gdp_100m_yuan"] == 10050.0
    assert found.loc[2011, "loans_100m_yuan"] == 10055.0


def test_an_indicator_of_a_long_sheet_is_a_header_too(tmp_path):
    rows = "市,年份,指标,数值\n石家庄市,2010,某贷,1000\n石家庄市,2010,别的,7\n"
    mapping = "header,column,unit\n某贷,loans_100m_yuan,亿元\n别的,ignore,\n"
    report = read(tmp_path, mapping, long=rows)
    assert not report.problems
    assert figures(tmp_path)["loans_100m_yuan"].tolist() == [1000.0]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",财务一,gdp_100m_yuam,亿元", "no column `gdp_100m_yuam`; nearest: `gdp_100m_yuan`"),
        (",财务一,gdp_100m_yuan,吨", "`吨` does not measure `gdp_100m_yuan`"),
        (",财务一,city_name_zh,吨", "`吨` does not measure `city_name_zh`"),
        (",财务2,loans_100m_yuan,", "no header is `财务2`; nearest: `财务一`"),
        ("b.csv,财务一,loans_100m_yuan,", "no file `b.csv` in the folder; nearest: `a.csv`"),
        (",财务一,policy_id,", "stands in no sheet that is read as a table with `policy_id`"),
        ("a.csv,,gdp_100m_yuan,", "`gdp_100m_yuan` is said of a file as a whole"),
        (",,first,", "`first` is said of no header, file or sheet"),
    ],
)
def test_every_row_is_checked(tmp_path, row, said):
    report = read(tmp_path, f"file,header,column,unit\n{row}\n", a=PANEL)
    assert said in problems(report)
    assert "columns.csv, row 2" in problems(report)


def test_two_rows_must_not_say_two_things(tmp_path):
    mapping = "header,column,unit\n财务一,loans_100m_yuan,\n财务一,deposits_100m_yuan,\n"
    report = read(tmp_path, mapping, a=PANEL)
    assert "`财务一` is said to be `deposits_100m_yuan`, and in row 2" in problems(report)


def test_a_file_of_data_cannot_have_the_name(tmp_path):
    report = read(tmp_path, PANEL, a=PANEL)
    assert "has a column `市` that says nothing here" in problems(report)


def test_files_that_disagree_are_a_problem_until_the_owner_says_which_goes_first(tmp_path):
    report = read(tmp_path, "", a=PANEL, b=OTHER)
    assert "Keep one of the two, or say in columns.csv which goes `first`" in problems(report)
    for mapping, gdp in (
        ("file,header,column\nb.csv,,first\n", 5001.0),
        ("file,header,column\nb.csv,,last\n", 5000.0),
        ("file,header,column\na.csv,,first\nb.csv,,first\n", 5000.0),
        ("file,header,column\na.csv,,ignore\n", 5001.0),
    ):
        report = read(tmp_path, mapping, a=PANEL, b=OTHER)
        assert not report.problems
        assert figures(tmp_path).loc["130100", "gdp_100m_yuan"] == gdp
    assert [(item.header, item.reason) for item in report.unused] == [
        ("a.csv", "left out by columns.csv, row 2")
    ]


def test_a_figure_is_held_against_the_file_that_gave_it(tmp_path):
    keys = "市,年份,{}\n石家庄市,2010,{}\n"
    files = {
        "a": keys.format("土地面积(平方公里)", 15848),
        "b": keys.format("GDP(亿元)", 3400),
        "c": keys.format("GDP(亿元)", 3401),
        "d": keys.format("GDP(亿元)", 3400),
    }
    report = read(tmp_path, "", **files)
    assert "c.csv: 1 of its rows of city_yearbook contradicts b.csv" in problems(report)
    notes = [note for source in report.sources for note in source.notes]
    assert "1 row says what b.csv says, which is used" in notes
    report = read(tmp_path, "file,header,column\nc.csv,,last\n", **files)
    assert not report.problems
    assert figures(tmp_path).loc["130100", "gdp_100m_yuan"] == 3400.0


def test_a_register_may_be_said_to_be_whole():
    rows = (Said(2, "firms*", "", "", "whole_register"),)
    with using(Mapping(rows)):
        assert is_said("whole_register", "2016/firms_2016.csv")
        assert not is_said("whole_register", "panel.csv")
    assert not is_said("whole_register", "firms.csv")


FOLDERS = {
    "plain": {"a": PANEL},
    "guessed unit": {"a": PANEL.replace("(亿元)", "")},
    "growth": {
        "a": "市,年份,GDP增速\n"
        + "".join(f"{c},2010,{0.08 + i / 100}\n" for i, c in enumerate(("石家庄市", "唐山市")))
    },
    "unit by row": {"a": "市,年份,FDI,单位\n石家庄市,2010,15762,万美元\n唐山市,2010,90,百万美元\n"},
    "long": {
        "a": "市,年份,指标,数值,单位\n石家庄市,2010,GDP,5000,亿元\n唐山市,2010,GDP,60000000,万元\n"
    },
    "two header rows": {
        "a": "市,年份,年末总人口(万人),年末总人口(万人)\n,,全市,市辖区\n石家庄市,2010,990,240\n"
    },
    "years across": {"GDP": "城市,2010,2011\n石家庄市,3400,4000\n唐山市,4400,5400\n"},
    "stub and year": {"a": "城市,gdp2010,gdp2011\n石家庄市,3400,4000\n唐山市,4400,5400\n"},
    "a province beside codes": {"a": "地区,城市代码,年份,GDP(亿元)\n河北,130100,2010,3400\n"},
    "two files that read a header as two": {
        "a": "市,年份,GDP\n石家庄市,2010,3400\n唐山市,2010,4400\n",
        "b": "市,年份,GDP\n石家庄市,2011,34000000\n唐山市,2011,44000000\n",
    },
    "of no use": {"a": PANEL, "b": "某列,别列\n1,2\n3,4\n"},
    "pilots": {"a": PANEL, "宽带中国试点城市名单": "城市,批次,年份\n石家庄市,1,2014\n"},
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_draft_fed_back_changes_nothing(tmp_path, name):
    files = FOLDERS[name]
    before = read(tmp_path, "", **files)
    assert before.tables, name
    first = {t: (tmp_path / "out" / f"{t}.parquet").read_bytes() for t in before.tables}
    draft = write_mapping(before)
    assert draft.name == "columns.csv"
    after = read(tmp_path, "", **files)
    assert list(map(str, after.problems)) == list(map(str, before.problems))
    for table in first:
        path = tmp_path / "out" / f"{table}.parquet"
        assert path.read_bytes() == first[table], table
    assert [set(s.columns) for s in after.sources] == [set(s.columns) for s in before.sources]
    # A mapping that is there stays, and a draft beside it is no data.
    assert write_mapping(after).name == "columns_draft.csv"
    assert not read(tmp_path, "", **files).problems


def test_a_folder_in_the_contract_stays_linked_with_its_draft(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = [("130100", 2010, 3400.0), ("130200", 2010, 4400.0)]
    frame = pd.DataFrame(rows, columns=["city_code", "year", "gdp_100m_yuan"])
    frame.to_parquet(raw / "city_yearbook.parquet", index=False)
    write_mapping(inspect(raw, tmp_path / "out"))
    report = inspect(raw, tmp_path / "out")
    assert not report.problems
    assert [source.is_linked for source in report.sources] == [True]
    (raw / "columns.csv").write_text("header,column,unit\ngdp_100m_yuan,gdp_100m_yuan,万元\n")
    report = inspect(raw, tmp_path / "out")
    assert [source.is_linked for source in report.sources] == [False]
    assert figures(tmp_path)["gdp_100m_yuan"].tolist() == [0.34, 0.44]


def test_a_draft_names_every_header_and_what_is_near_to_it(tmp_path):
    report = read(tmp_path, "", a=PANEL.replace("财务一", "贷款余额甲"), b="某列,地区产总值\n1,2\n")
    draft = write_mapping(report)
    with draft.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["header"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"市", "年份", "贷款余额甲", "备注二", "GDP(亿元)", "某列", "地区产总值"}
    assert (rows["GDP(亿元)"]["column"], rows["GDP(亿元)"]["unit"]) == ("gdp_100m_yuan", "亿元")
    assert rows["贷款余额甲"]["column"] == ""
    assert "loans_100m_yuan" in rows["贷款余额甲"]["note"]
    assert "gdp_100m_yuan" in rows["地区产总值"]["note"]
