"""Of which year, and in which prices, figures are: by headers, cells, titles, names and lines."""

import datetime as dt

import pytest

from support.sheets import assert_exactly, read

CITIES = ["石家庄市", "太原市"]
GDP = "gdp_100m_yuan"
BOTH = {
    ("130100", 2013, GDP): 2000.5,
    ("130100", 2014, GDP): 2090.5,
    ("140100", 2013, GDP): 2311.25,
    ("140100", 2014, GDP): 2401.75,
}
OF_2014 = {key: figure for key, figure in BOTH.items() if key[1] == 2014}
ROWS = [["石家庄市", 2000.5, 2090.5], ["太原市", 2311.25, 2401.75]]
TITLE = ["2014年地区生产总值", "单位：亿元"]

READ = {
    "a year that was not final": {"GDP(亿元).csv": [["城市", "2013年", "2014年（快报）"], *ROWS]},
    "a year that was revised": {"GDP(亿元).csv": [["城市", "2013", "2014 (r)"], *ROWS]},
    "years in words": {"GDP(亿元).csv": [["城市", "二〇一三年", "二〇一四年"], *ROWS]},
    "a letter before the year": {"a.csv": [["城市", "Y2013_GDP", "Y2014_GDP"], *ROWS]},
    "a unit beside the year": {"a.csv": [["城市", "GDP(2013年,亿元)", "GDP(亿元,2014年)"], *ROWS]},
    "cells that were not final": {
        "a.csv": [["城市", "年份", "GDP(亿元)"]]
        + [[name, year, figure] for name, first, last in ROWS
           for year, figure in (("2013", first), ("2014（初步）", last))]
    },
}  # fmt: skip


@pytest.mark.parametrize("way", READ)
def test_years_of_any_spelling(tmp_path, way):
    assert_exactly(read(tmp_path, READ[way]), BOTH)


def test_a_year_that_is_forecast_is_left_out(tmp_path):
    found = read(tmp_path, {"GDP(亿元).csv": [["城市", "2013", "2014(预测)"], *ROWS]})
    assert {year for _, year, _ in found.figures} == {2013}
    assert "2014(预测): unknown; its words say: no observed figure" in found.left_over


OF_TITLE = {
    "a unit to the right": [TITLE, ["城市", "地区生产总值"], *([r[0], r[2]] for r in ROWS)],
    "two cities a line": [
        [TITLE[0], "", "", TITLE[1]],
        ["城市", "地区生产总值"] * 2,
        ["石家庄市", 2090.5, "太原市", 2401.75],
    ],
}


@pytest.mark.parametrize("way", OF_TITLE)
def test_a_unit_beside_the_title_heads_no_column(tmp_path, way):
    assert_exactly(read(tmp_path, {"a.xlsx": {"Sheet1": OF_TITLE[way]}}), OF_2014)


def test_figures_are_no_months(tmp_path):
    found = read(tmp_path, {"GDP.csv": [["城市", "约2013", "约2014"], *ROWS]})
    assert not found.figures
    assert "quarters" not in found.left_over


@pytest.mark.parametrize(
    "name", ["GDP 2015-06-11.csv", "GDP_2015.6.11.csv", "GDP(2015年6月11日).csv"]
)
def test_the_day_on_which_a_file_was_saved_is_no_year(tmp_path, name):
    found = read(tmp_path, {name: [["城市", "GDP(亿元)"], ["石家庄市", 2000.5]]})
    assert not found.figures
    assert "lacks a column of years" in found.left_over


def of_dates(cells):
    return {
        "a.xlsx": {"S": [["城市", "年份", "GDP(亿元)"], *([CITIES[0], c, 2000.5] for c in cells)]}
    }


@pytest.mark.parametrize(
    "cell", ["2013-06-30", "2013/6/30", "2013年6月", "201306", dt.datetime(2013, 6, 30)]
)
def test_a_date_within_a_year_is_no_year(tmp_path, cell):
    found = read(tmp_path, of_dates([cell]))
    (unread,) = found.report.unreadable
    assert "is a date within a year: figures of whole years are read" in unread.reason


@pytest.mark.parametrize(
    "cell", ["2013-12-31", "2013-01-01", "201312", "2013-11-01", dt.datetime(2013, 1, 1)]
)
def test_a_date_that_ends_or_begins_a_year_or_counts_people_is_one(tmp_path, cell):
    assert_exactly(read(tmp_path, of_dates([cell])), {("130100", 2013, GDP): 2000.5})


PANEL = [["城市", "年份", "GDP(亿元)"], ["石家庄市", 2013, 2000.5]]


@pytest.mark.parametrize("title", ["地区生产总值（2010年价格）", "GDP at 2010 prices"])
def test_a_title_that_names_the_prices_of_a_year_speaks_for_its_series(tmp_path, title):
    found = read(tmp_path, {"a.xlsx": {"S": [[title], *PANEL]}})
    assert not found.figures
    assert "makes it another series: constant prices" in found.left_over


def doubts(found):
    return " ".join(doubt for source in found.report.sources for doubt in source.doubts)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("注：本表按2010年不变价计算", "row 3 says `注：本表按2010年不变价计算` (constant prices)"),
        ("数据口径为市辖区，不含县", "figures of the city proper, not of the whole city"),
    ],
)
def test_a_line_that_makes_figures_another_series_is_doubtful(tmp_path, line, said):
    assert said in doubts(read(tmp_path, {"a.xlsx": {"S": [*PANEL, [line]]}}))


@pytest.mark.parametrize(
    "line",
    [
        "注：绝对数按当年价格计算，指数按可比价格计算",
        "注：全市包括市辖区和县",
        "资料来源：2014年居民消费价格指数调查",
    ],
)
def test_a_line_that_says_both_is_not(tmp_path, line):
    assert not doubts(read(tmp_path, {"a.xlsx": {"S": [*PANEL, [line]]}}))
