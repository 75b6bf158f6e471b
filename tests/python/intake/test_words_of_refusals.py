"""What a refusal says: the file's own headers, what is near to them, and a remedy that works."""

import pandas as pd
import pytest

from urban_resilience.intake import inspect
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, PROVINCE_NAME, nearest
from urban_resilience.intake.vocabulary.contract import contract

PANEL = "城市,年份,GDP(亿元)\n石家庄市,2010,2000\n唐山市,2010,3000\n"


def read(folder, files):
    raw = folder / "raw"
    raw.mkdir(exist_ok=True)
    for name, text in files.items():
        if isinstance(text, bytes):
            (raw / name).write_bytes(text)
        else:
            (raw / name).write_text(text, encoding="utf-8")
    return inspect(raw, folder / "out")


def said(report):
    unused = [f"{item.header}: {item.reason}" for item in report.unused]
    return "\n".join([*unused, *map(str, report.problems)])


SAID = {
    "no years": (
        {"a.csv": "城市,GDP(亿元)\n石家庄市,2000\n"},
        "lacks a column of years (its headers: 城市, GDP(亿元)): put the year into the name",
    ),
    "a year that is not known as one": (
        {"city_yearbook.csv": "Year of data,城市,GDP(亿元)\n2010,石家庄市,2000\n"},
        "nearest of them: `Year of data`). Put the year into the name of the file or sheet",
    ),
    "no cities": (
        {"a.csv": "年份,GDP(亿元)\n2010,2000\n2011,3000\n"},
        "lacks a column of cities (its headers: 年份, GDP(亿元)): add a column of names or codes",
    ),
    "no series": (
        {"a.csv": "年份,城市,国内生产产值\n2010,石家庄市,3\n"},
        "no other column of it is known (国内生产产值 (nearest: 国内生产总值 (gdp_100m_yuan)))",
    ),
    "nothing": (
        {"a.csv": "foo,bar\n1,2\n"},
        "no header is known in it (its first row: foo, bar): say in columns.csv",
    ),
    "members": (
        {"platform_members.csv": "城市,年份\n石家庄市,2012\n"},
        "Add columns such as `企业编号`, `行业代码`, `加入年份`; or say in columns.csv",
    ),
    "two of one": (
        {"a.csv": "年份,城市,GDP(亿元),地区生产总值(万元)\n2010,石家庄市,3000,31000000\n"},
        "`GDP(亿元)` and `地区生产总值(万元)` both read as `gdp_100m_yuan`. Say in columns.csv",
    ),
    "a printed table": ({"年鉴.pdf": "x"}, "tables in it are not read: save each as .xlsx or .csv"),
}


@pytest.mark.parametrize("case", SAID)
def test_a_refusal_names_what_the_file_has_and_what_helps(tmp_path, case):
    files, words = SAID[case]
    text = said(read(tmp_path, files))
    assert words in text
    # No name of a column of ours that the file is not about.
    assert "cpi_prev_year_100" not in text


REMEDIES = [
    # What is said to help does.
    ({"GDP 2010.csv": "城市,GDP(亿元)\n石家庄市,2000\n"}, "gdp_100m_yuan"),
    (
        {
            "a.csv": "年份,城市,国内生产产值\n2010,石家庄市,3000\n",
            "columns.csv": "header,column,unit\n国内生产产值,gdp_100m_yuan,亿元\n",
        },
        "gdp_100m_yuan",
    ),
    (
        {
            "a.csv": "年份,城市,GDP(亿元),地区生产总值(万元)\n2010,石家庄市,3000,30000000\n",
            "columns.csv": "header,column\nGDP(亿元),ignore\n",
        },
        "gdp_100m_yuan",
    ),
    (
        {
            "a.csv": "foo,bar,baz\n石家庄市,2010,3000\n",
            "columns.csv": "header,column,unit\nfoo,city_name_zh,\nbar,year,\n"
            "baz,loans_100m_yuan,亿元\n",
        },
        "loans_100m_yuan",
    ),
]


@pytest.mark.parametrize(("files", "column"), REMEDIES)
def test_the_remedy_works(tmp_path, files, column):
    report = read(tmp_path, files)
    assert not report.problems
    rows = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert rows[column].notna().all()


def test_an_archive_beside_files_of_its_name_is_no_fault(tmp_path):
    report = read(tmp_path, {"panel.csv": PANEL, "panel.rar": b"Rar!"})
    assert not report.problems
    assert "panel.rar: a .rar archive beside files of its name" in said(report)
    report = read(tmp_path, {"other.7z": b"7z"})
    assert "Unpack it into the folder" in said(report)


def test_a_longer_sheet_that_is_not_used_says_so(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    with pd.ExcelWriter(raw / "a.xlsx") as book:
        good = pd.DataFrame([("石家庄市", 2010, 2000)], columns=["城市", "年份", "GDP(亿元)"])
        good.to_excel(book, sheet_name="汇总", index=False)
        pd.DataFrame({"甲": range(50), "乙": range(50)}).to_excel(
            book, sheet_name="明细", index=False
        )
    text = said(inspect(raw, tmp_path / "out"))
    assert "though it has 51 rows, and the longest sheet that is used 2" in text


@pytest.mark.parametrize(
    "header", ["my_outcome", "NUTS_code_2", "city_codes_of_mine", "城市代号二"]
)
def test_what_comes_nearest_to_a_header_is_no_key(header):
    """A header that is unknown beside the keys is a series: it is never one of them again."""
    for table in contract().values():
        keys = {CITY_NAME, PROVINCE_NAME, *table.grain}
        named = {near.rpartition(" (")[2].rstrip(")") for near in nearest(table.name, header)}
        assert not named & keys
