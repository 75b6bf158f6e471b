"""Cells with more than a figure: percent signs, marks of footnotes, brackets; names of volumes."""

import pandas as pd
import pytest

from urban_resilience.intake import inspect
from urban_resilience.intake.vocabulary.headers import volume_year_in, year_in


def read(folder, **files):
    raw = folder / "raw"
    raw.mkdir()
    for name, text in files.items():
        (raw / f"{name}.csv").write_text(text, encoding="utf-8")
    report = inspect(raw, folder / "out")
    tables = {t: pd.read_parquet(report.out_dir / f"{t}.parquet") for t in report.tables}
    return report, tables


SHARE = "第二产业占GDP比重"


@pytest.mark.parametrize(
    ("cells", "share"),
    [
        (("48%", "58.5 %", "—"), [48, 58.5, None]),
        (("48％", "", "7%"), [48, None, 7]),
        # A fraction would be a hundred times as much.
        (("0.48%", "0.5%", "0.3%"), [0.48, 0.5, 0.3]),
    ],
)
def test_percent_signs_in_every_cell_are_the_unit(tmp_path, cells, share):
    cities = ("石家庄市", "唐山市", "秦皇岛市")
    rows = "".join(f"{c},2010,2000,{cell}\n" for c, cell in zip(cities, cells, strict=True))
    report, tables = read(tmp_path, a=f"城市,年份,GDP(亿元),{SHARE}\n{rows}")
    found = tables["city_yearbook"]["secondary_share_percent"]
    assert [None if pd.isna(cell) else cell for cell in found] == share
    [source] = report.sources
    assert f"figures with a percent sign read in per cent: `{SHARE}`" in source.notes


def test_growth_with_percent_signs_becomes_an_index(tmp_path):
    text = "城市,年份,GDP增长率\n石家庄市,2010,8.5%\n唐山市,2010,-1.5%\n"
    _, tables = read(tmp_path, a=text)
    assert tables["city_yearbook"]["gdp_index_prev_year_100"].tolist() == [108.5, 98.5]


def test_percent_signs_with_the_years_across(tmp_path):
    _, tables = read(tmp_path, **{SHARE: "城市,2010,2011\n石家庄市,48%,49%\n"})
    assert tables["city_yearbook"]["secondary_share_percent"].tolist() == [48, 49]


def test_percent_signs_beside_plain_figures_are_not_guessed(tmp_path):
    text = f"城市,年份,GDP(亿元),{SHARE}\n石家庄市,2010,2000,48%\n唐山市,2010,3000,0.585\n"
    report, _ = read(tmp_path, a=text)
    [cell] = report.unreadable
    assert cell.value == "48%"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("地区生产总值", ("2000.5亿元", "3000亿元")),
        ("地区生产总值", ("20,005,000 万元", "30,000,000 万元")),
        ("GDP(亿元)", ("2000.5亿元", "3000亿元")),
    ],
)
def test_a_unit_behind_every_figure_is_that_of_the_series(tmp_path, header, cells):
    first, second = cells
    text = f'城市,年份,{header}\n石家庄市,2010,"{first}"\n唐山市,2010,"{second}"\n秦皇岛市,2010,\n'
    report, tables = read(tmp_path, a=text)
    assert not report.n_unreadable
    assert tables["city_yearbook"]["gdp_100m_yuan"].tolist()[:2] == [2000.5, 3000]
    assert "the unit stands behind every figure" in " ".join(report.sources[0].notes)


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("地区生产总值", ("2000.5亿元", "30000000万元")),
        ("地区生产总值", ("2000.5亿元", "3000")),
        ("GDP(万元)", ("2000.5亿元", "3000亿元")),
        ("地区生产总值", ("2000.5万人", "3000万人")),
    ],
)
def test_units_that_differ_or_do_not_fit_are_not_taken(tmp_path, header, cells):
    text = f"城市,年份,{header}\n石家庄市,2010,{cells[0]}\n唐山市,2010,{cells[1]}\n"
    report, _ = read(tmp_path, a=text)
    assert {cell.value for cell in report.unreadable} == {c for c in cells if c != "3000"}


def test_a_unit_behind_a_figure_below_zero(tmp_path):
    text = "城市,年份,地区生产总值\n石家庄市,2010,2000.5亿元\n唐山市,2010,-12亿元\n"
    report, tables = read(tmp_path, a=text)
    assert not report.n_unreadable
    assert tables["city_yearbook"]["gdp_100m_yuan"].tolist() == [2000.5, -12]


def test_per_mille_is_a_tenth_of_a_percent(tmp_path):
    text = f"城市,年份,{SHARE}(‰)\n石家庄市,2010,485\n"
    _, tables = read(tmp_path, a=text)
    assert tables["city_yearbook"]["secondary_share_percent"].tolist() == [48.5]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("2000①", "take the mark of a footnote off"),
        ("2,000.5*", "take the mark of a footnote off"),
        ("#2000", "take the mark of a footnote off"),
        ("(2000)", "brackets may be a minus or an estimate"),
        ("2000亿元", "write the unit behind it into the header"),
    ],
)
def test_a_cell_that_is_nearly_a_figure_says_what_to_take_off(tmp_path, cell, words):
    text = f'城市,年份,GDP(亿元)\n石家庄市,2010,"{cell}"\n唐山市,2010,3000\n'
    report, tables = read(tmp_path, a=text)
    [found] = report.unreadable
    assert found.reason.endswith(words)
    assert tables["city_yearbook"]["gdp_100m_yuan"].tolist()[1:] == [3000]


@pytest.mark.parametrize(
    ("text", "year", "volume"),
    [
        ("2018年鉴 2017年数据", 2017, 2018),
        ("2019统计年鉴(2018)", 2018, 2019),
        ("中国城市统计年鉴2018 2017年数据", 2017, 2018),
        ("2017年数据 中国城市统计年鉴2018", 2017, 2018),
        ("2018年鉴2018", None, 2018),
        ("2018年统计年鉴", None, 2018),
    ],
)
def test_the_year_of_the_figures_beside_that_of_the_volume(text, year, volume):
    assert (year_in(text), volume_year_in(text)) == (year, volume)


@pytest.mark.parametrize("text", ["2010年初", "2010年底", "2010年末", "2010年度"])
def test_parts_of_a_year_name_it(tmp_path, text):
    members = f"企业编号,城市,行业代码,加入日期\nA,石家庄市,C17,{text}\n"
    panel = "城市,年份,GDP(亿元)\n石家庄市,2010,9\n"
    _, tables = read(tmp_path, platform_members=members, panel=panel)
    assert tables["platform_members"]["joined_year"].tolist() == [2010]


LEFT = (
    "企业编号,城市,行业代码,加入年份,状态{}\nA,石家庄市,C17,2009,{}{}\nB,唐山市,C17,2010,在册{}\n"
)


def doubts(report):
    return [doubt for source in report.sources for doubt in source.doubts]


@pytest.mark.parametrize("word", ["已退出", "注销", "expired"])
def test_members_that_left_without_a_year_are_doubtful(tmp_path, word):
    panel = "城市,年份,GDP(亿元)\n石家庄市,2010,9\n"
    report, _ = read(tmp_path, platform_members=LEFT.format("", word, "", ""), panel=panel)
    [doubt] = doubts(report)
    assert f"`状态` says `{word}` of members, and no column says since when" in doubt


@pytest.mark.parametrize(
    "text",
    [LEFT.format(",到期年份", "已退出", ",2012", ","), LEFT.format("", "未退出", "", "")],
)
def test_members_whose_end_is_known_or_did_not_come_are_not(tmp_path, text):
    panel = "城市,年份,GDP(亿元)\n石家庄市,2010,9\n"
    report, _ = read(tmp_path, platform_members=text, panel=panel)
    assert doubts(report) == []
