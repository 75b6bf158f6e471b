"""One small panel in the spellings of many owners: read exactly, or named with what helps."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest

from support.workbooks import write_ods, write_xlsb
from urban_resilience.intake import inspect

CITIES = {
    "370200": "青岛", "330200": "宁波", "350200": "厦门", "210200": "大连", "420500": "宜昌",
    "520300": "遵义",
}  # fmt: skip
NAMES = tuple(CITIES.values())
ENGLISH = ("Qingdao", "Ningbo", "Xiamen", "Dalian", "Yichang", "Zunyi")
TRADITIONAL = ("青島", "寧波", "廈門", "大連", "宜昌", "遵義")
YEARS = (2010, 2011, 2012)
HEAD = ("城市", "年份", "地区生产总值(亿元)", "贷款余额(亿元)")
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
DIGITS = "〇一二三四五六七八九"


def gdp(place, year):
    return 1234.5 + 321.25 * place + 98.75 * (year - 2010)


def loans(place, year):
    return 2500.75 + 111.5 * place + 50.25 * (year - 2010)


def records(names=NAMES, year=str, figure=repr, head=HEAD):
    names = list(names)
    rows = [
        [name, year(y), figure(gdp(place, y)), figure(loans(place, y))]
        for place, name in enumerate(names)
        for y in YEARS
    ]
    return [list(head), *rows]


def text(sign=",", **how):
    return "".join(sign.join(cells) + "\n" for cells in records(**how))


def page(rows):
    lines = ("".join(f"<td>{cell}</td>" for cell in cells) for cells in rows)
    return (
        f"<html><body><table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table></body></html>"
    )


def years_across(title, figures):
    rows = ["".join(f"<th>{cell}</th>" for cell in ("城市", *YEARS))]
    rows += [
        "".join(f"<td>{cell}</td>" for cell in (name, *(figures(place, y) for y in YEARS)))
        for place, name in enumerate(CITIES.values())
    ]
    top = f'<tr><td colspan="4">{title}</td></tr>'
    return f"<table>{top}{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


FILES = {
    "tabs in GB18030": {"城市数据.txt": text("\t").encode("gb18030")},
    "Big5": {"城市資料.csv": text(
        names=TRADITIONAL, head=("城市", "年份", "地區生產總值(億元)", "貸款餘額(億元)")
    ).encode("big5")},
    "traditional characters": {"城市資料.csv": text(
        names=TRADITIONAL, head=("縣市", "年度", "生產總值（億元）", "金融機構貸款餘額（億元）")
    ).replace("縣市", "城市").encode()},
    "semicolons in UTF-16": {"a.csv": text(";").encode("utf-16")},
    "bars": {"a.csv": text("|").encode()},
    "columns of spaces": {"a.txt": text("   ").encode()},
    "single spaces": {"a.txt": text(" ").encode()},
    "carets": {"a.txt": text("^").encode()},
    "full width": {"a.csv": text(
        figure=lambda v: repr(v).translate(FULL_WIDTH), year=lambda y: str(y).translate(FULL_WIDTH)
    ).encode()},
    "thousands": {"a.txt": text("\t", figure=lambda v: f"{v:,.2f}").encode()},
    "exponents": {"a.csv": text(figure=lambda v: f"{v:.6E}").encode()},
    "2010年": {"a.csv": text(year=lambda y: f"{y}年").encode()},
    "FY2010": {"a.csv": text(year=lambda y: f"FY{y}").encode()},
    "FY 2010": {"a.csv": text(year=lambda y: f"fy {y}").encode()},
    "二〇一〇年": {"a.csv": text(
        year=lambda y: "".join(DIGITS[int(digit)] for digit in str(y)) + "年"
    ).encode()},
    "二零一零": {"a.csv": text(
        year=lambda y: "".join(DIGITS[int(digit)] for digit in str(y)).replace("〇", "零")
    ).encode()},
    "the last day of the year": {"a.csv": text(year=lambda y: f"{y}-12-31").encode()},
    "billions": {"a.csv": text(
        names=(f"{name} City" for name in ENGLISH), figure=lambda v: repr(v / 10),
        head=("city name", "yr", "GDP (bn yuan)", "loans (bn yuan)"),
    ).encode()},
    "codes of 12 digits": {"a.csv": text(
        names=(f"{code}000000" for code in CITIES), head=("统计用区划代码", *HEAD[1:])
    ).encode()},
    "codes kept as text": {"a.csv": text(
        names=(f'"=""{code}"""' for code in CITIES), head=("代码", *HEAD[1:])
    ).encode()},
    "codes behind an apostrophe": {"a.csv": text(
        names=(f"'{code}" for code in CITIES), head=("代码", *HEAD[1:])
    ).encode()},
    "footnotes at places": {
        "a.csv": text().replace("青岛", "青岛①").replace("宁波", "宁波*").encode()
    },
    "provinces before places": {"a.csv": text(
        names=(
            "山东省青岛市", "浙江省-宁波市", "福建 厦门", "辽宁/大连", "湖北省宜昌市", "贵州·遵义",
        )
    ).encode()},
    "places that are no cities": {"a.csv": (
        text() + "大兴安岭地区,2010,100,50\n锡林郭勒盟,2010,500,300\n合计,2010,9999,9999\n"
    ).encode()},
    "a note above and below": {"a.csv": (
        "数据说明：本表由某公司整理\n下载日期：2024-03-01\n,,,\n"
        + text() + "资料来源：城市统计年鉴\n"
    ).encode()},
    "an index of pandas": {"a.csv": "".join(
        f"{'' if n == 0 else n},{','.join(cells)}\n" for n, cells in enumerate(records())
    ).encode()},
    "long in English": {"a.csv": ("region;period;variable;unit;obs_value\n" + "".join(
        f"{name};{y};{series};100 million yuan;{figures(place, y)}\n"
        for place, name in enumerate(ENGLISH)
        for y in YEARS for series, figures in (("GDP", gdp), ("Loans", loans))
    )).encode()},
    "a page as a workbook": {"a.xls": page(records()).encode("gb18030")},
    "a page of two tables": {"a.xls": (
        years_across("地区生产总值（亿元）", gdp) + years_across("贷款余额（亿元）", loans)
    ).encode()},
    "text as a workbook": {"a.xls": text("\t").encode("gb18030")},
    "UTF-16 text as a workbook": {"a.xls": text("\t").encode("utf-16")},
    "commas as a new workbook": {"a.xlsx": text().encode()},
}  # fmt: skip


def read(folder, files):
    raw = folder / "raw"
    raw.mkdir()
    for name, content in files.items():
        (raw / name).write_bytes(content)
    return inspect(raw, folder / "out")


def assert_whole(report):
    assert [str(problem) for problem in report.problems] == []
    assert report.n_unreadable == 0
    table = pd.read_parquet(report.out_dir / "city_yearbook.parquet")
    rows = table[table["city_code"].isin(list(CITIES))].set_index(["city_code", "year"])
    assert len(rows) == len(CITIES) * len(YEARS)
    for place, code in enumerate(CITIES):
        for year in YEARS:
            assert rows.loc[(code, year), "gdp_100m_yuan"] == pytest.approx(gdp(place, year), 1e-12)
            assert rows.loc[(code, year), "loans_100m_yuan"] == pytest.approx(
                loans(place, year), 1e-12
            )


@pytest.mark.parametrize("case", FILES)
def test_a_file_of_any_spelling_is_read_exactly(case, tmp_path):
    assert_whole(read(tmp_path, FILES[case]))


def save(path, rows):
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(cells)
    book.save(path)


def numbers(first=lambda code, name: name, year=lambda y: y, factor=1):
    return [
        [first(code, name), year(y), gdp(place, y) * factor, loans(place, y) * factor]
        for place, (code, name) in enumerate(CITIES.items())
        for y in YEARS
    ]


WORKBOOKS = {
    "dates for years": ("a.xlsx", [list(HEAD), *numbers(year=lambda y: dt.date(y, 12, 31))]),
    "codes as numbers": ("a.xlsx", [
        ["行政区划代码", "年度", "GDP（万元）", "金融机构贷款余额（万元）"],
        *numbers(lambda code, _: int(code), factor=10000),
    ]),
    "OpenDocument": ("a.ods", [list(HEAD), *numbers()]),
    "binary": ("a.xlsb", [list(HEAD), *numbers()]),
}  # fmt: skip


@pytest.mark.parametrize("case", WORKBOOKS)
def test_a_workbook_of_any_form_is_read_exactly(case, tmp_path):
    name, rows = WORKBOOKS[case]
    raw = tmp_path / "raw"
    raw.mkdir()
    write = {"ods": write_ods, "xlsb": write_xlsb}.get(name.rpartition(".")[2], save)
    write(raw / name, rows)
    assert_whole(inspect(raw, tmp_path / "out"))


NAMED = {
    "years of two digits": (
        {"a.csv": text(year=lambda y: f"'{y % 100}").encode()},
        "names the year by two digits: write it with four",
    ),
    "decimal commas": (
        {"a.csv": text(";", figure=lambda v: repr(v).replace(".", ",")).encode()},
        "write a point for the decimal comma",
    ),
    "two units in cells": (
        {"a.csv": text(figure=lambda v: f"{v}亿元" if int(v) % 2 else f"{v}万元").encode()},
        "write the unit behind it into the header",
    ),
    "a workspace of R": ({"a.rds": b"\x1f\x8b"}, ".rds files cannot be read. Save it as .csv"),
    "a feather": ({"a.feather": b"FEA1"}, ".feather files cannot be read. Save it as .csv"),
    "a page without a table": (
        {"a.xls": b"<html><body>Please log in</body></html>"},
        "it is a web page without a table. Save the table as .xlsx or .csv",
    ),
}


@pytest.mark.parametrize("case", NAMED)
def test_what_cannot_be_read_is_named_with_what_helps(case, tmp_path):
    files, words = NAMED[case]
    report = read(tmp_path, files)
    said = [str(problem) for problem in report.problems]
    assert words in "\n".join([*said, *(cell.reason for cell in report.unreadable)])


def test_a_remark_below_a_list_of_pilots_is_none_of_them(tmp_path):
    files = {"宽带中国名单.csv": "城市,年份\n青岛市,2014\n厦门市,2015\n注：不含县级市\n".encode()}
    report = read(tmp_path, files)
    pilots = pd.read_parquet(report.out_dir / "policy_pilots.parquet")
    assert pilots["city_code"].tolist() == ["370200", "350200"]
    assert any("rows of notes left out: 4" in note for s in report.sources for note in s.notes)


def test_a_unit_that_needs_no_conversion_is_said_where_a_title_tells_it(tmp_path):
    rows = "城市,2010,2011\n" + "".join(
        f"{name},{gdp(place, 2010)},{gdp(place, 2011)}\n" for place, name in enumerate(NAMES)
    )
    report = read(tmp_path, {"GDP.csv": f"单位：亿元\n{rows}".encode()})
    assert "GDP: 亿元 (unit of the whole sheet)" in report.sources[0].notes
