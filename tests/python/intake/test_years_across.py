"""Years as headers, cities as headers, a series in the title: as the public files have them."""

import datetime as dt

import pandas as pd
import pytest

from support.sheets import Merged, assert_exactly, panel, read
from urban_resilience.intake.recognition import sources

NAMES = ("石家庄市", "唐山市", "秦皇岛市")
YEARS = (2010, 2011, 2012)


def gdp(n, year):
    return 1000.0 + 100 * n + 10 * (year - 2010)


def people(n, year):
    return 500.0 + 10 * n + (year - 2010)


GDP = panel(NAMES, YEARS, gdp_100m_yuan=gdp)
BOTH = panel(NAMES, YEARS, gdp_100m_yuan=gdp, registered_population_10k=people)
FIRST = {key: figure for key, figure in BOTH.items() if key[0] == "130100"}
OF_2010 = {key: figure for key, figure in BOTH.items() if key[1] == 2010}


def across(corner, label=str, figure=gdp, years=YEARS, names=NAMES):
    """Return a table with years as headers."""
    return [
        [corner, *map(label, years)],
        *[[name, *(figure(n, year) for year in years)] for n, name in enumerate(names)],
    ]


def down(figure):
    """Return rows of years, a column for each city."""
    return [[year, *(figure(n, year) for n in range(len(NAMES)))] for year in YEARS]


def stubs(name, corner="城市"):
    return [[corner, *(name.format(year) for year in YEARS)], *across("")[1:]]


def beside(rows, column):
    return [[*row, cell] for row, cell in zip(rows, column, strict=True)]


def of_city(n):
    return [[year, gdp(n, year), people(n, year)] for year in YEARS]


def indicators(n):
    return [
        ["地区生产总值(亿元)", *(gdp(n, year) for year in YEARS)],
        ["年末户籍人口(万人)", *(people(n, year) for year in YEARS)],
    ]


SERIES_DOWN = ["年份", "地区生产总值(亿元)", "年末户籍人口(万人)"]
BLANK = ["", "", "", ""]

ONE_SERIES = {
    "unit in an English title": {"GDP.csv": [["(unit: 100 million yuan)"], *across("City")]},
    "unit in a title to the right": {
        "data.xlsx": {
            "Sheet1": [
                ["2010-2012年各市地区生产总值", None, None, None],
                [None, None, None, "单位：亿元"],
                *across("地区", "{}年".format),
            ]
        }
    },
    "unit for a corner": {"GDP.csv": across("单位：亿元")},
    "unit behind the years": {"GDP.csv": beside(across("城市"), ["单位：亿元", "", "", ""])},
    "unit with each year": {"GDP.csv": across("城市", "{}年(亿元)".format)},
    "unit with each year, full width": {"GDP.csv": across("城市", "{}（亿元）".format)},
    "end of year": {"GDP.csv": across("城市", "{}年底".format)},
    "years with a letter": {"GDP(亿元).csv": across("城市", "{}Y".format)},
    "years as a frame of R has them": {"GDP(亿元).csv": across("city", "X{}".format)},
    "years with a footnote": {"GDP(亿元).csv": across("城市", "{}年①".format)},
    "years as dates": {"GDP.xlsx": {"1": across("城市", lambda year: dt.datetime(year, 12, 31))}},
    "years as dates in text": {"GDP.csv": across("城市", "{}/12/31".format)},
    "years as decimals": {"GDP.csv": across("城市", "{}.0".format)},
    "years downward": {"GDP.csv": across("城市", years=YEARS[::-1])},
    "no name above the cities": {"GDP.csv": across("")},
    "both axes in the corner": {"GDP.csv": across("地区\\年份")},
    "codes only": {"GDP.csv": across("行政区划代码", names=["130100", "130200", "130300"])},
    "English names": {"GDP.csv": across("City", names=["Shijiazhuang", "Tangshan", "Qinhuangdao"])},
    "series in the folder": {"GDP/data.csv": [["单位：亿元"], *across("城市")]},
    "a word above the years": {
        "GDP(亿元).csv": [["城市", "年份", "", ""], ["", *YEARS], *across("")[1:]]
    },
    "the series above the years": {
        "x.csv": [["地区", "地区生产总值(亿元)", "", ""], ["", *YEARS], *across("")[1:]]
    },
    "the unit below the years": {
        "GDP.csv": [["城市", *YEARS], ["", "亿元", "亿元", "亿元"], *across("")[1:]]
    },
    "the unit below stubs": {
        "x.csv": [stubs("GDP{}")[0], ["", "亿元", "亿元", "亿元"], *across("")[1:]]
    },
    "years on two lines": {"GDP(亿元).xlsx": {"1": across("城市", "{}\n年".format)}},
    "numbers of rows": {"GDP(亿元).csv": [["", *across("城市")[0]], *[
        [n, *row] for n, row in enumerate(across("城市")[1:])
    ]]},
    "codes across": {
        "GDP(亿元).csv": [["年份", "130100", "130200", "130300"], *down(gdp)]
    },
    "a folder each city": {
        f"{name}/data.csv": [["年份", "GDP(亿元)"], *[[y, gdp(n, y)] for y in YEARS]]
        for n, name in enumerate(NAMES)
    },
    "stub": {"panel.csv": stubs("gdp{}")},
    "stub with an underscore": {"panel.csv": stubs("GDP_{}")},
    "stub with its unit": {"panel.csv": stubs("GDP(亿元)_{}")},
    "year before": {"panel.csv": stubs("{}年地区生产总值(亿元)")},
    "year within": {"panel.csv": stubs("地区生产总值{}年(亿元)")},
    "English stub": {"panel.csv": stubs("GDP {} (100 million yuan)", "City")},
    "Stata names": {
        "GDP.dta": pd.DataFrame(across("")[1:], columns=["city", "v2010", "v2011", "v2012"])
    },
    "export of the statistics bureau": {
        "年度数据.csv": [
            ["数据库：主要城市年度数据"],
            ["指标：地区生产总值(当年价格)(亿元)"],
            ["时间：最近3年"],
            *across("地区", "{}年".format, years=YEARS[::-1]),
            ["注：1.地区生产总值按当年价格计算。"],
            ["数据来源：国家统计局"],
        ]
    },
    "pages over years": {
        "GDP(亿元).csv": [
            *across("城市", years=YEARS[:2]), ["续表"], *across("城市", years=YEARS[2:])
        ]
    },
    "pages over cities": {
        "GDP(亿元).csv": [*across("城市")[:3], ["续表"], *across("城市")[::3]]
    },
    "cities across": {"地区生产总值.csv": [["单位：亿元"], ["年份", *NAMES], *down(gdp)]},
    "city in the first of its rows": {
        "x.csv": [
            ["城市", "年份", "地区生产总值(亿元)"],
            *[
                [name if year == 2010 else "", year, gdp(n, year)]
                for n, name in enumerate(NAMES) for year in YEARS
            ],
        ]
    },
}  # fmt: skip

TWO_SERIES = {
    "a sheet each": {
        "EPS.xlsx": {
            "地区生产总值(亿元)": across("地区"),
            "年末户籍人口(万人)": across("地区", figure=people),
        }
    },
    "a sheet each, cities across": {
        "EPS.xlsx": {
            "GDP(亿元)": [["时间", *NAMES], *down(gdp)],
            "年末户籍人口(万人)": [["时间", *NAMES], *down(people)],
        }
    },
    "blocks under titles": {
        "EPS.csv": [
            ["指标：地区生产总值"], ["单位：亿元"], *across("城市"), [],
            ["指标：年末户籍人口"], ["单位：万人"], *across("城市", figure=people),
            ["数据来源：EPS"],
        ]
    },
    "blocks named in the corner": {
        "EPS.csv": [
            *across("地区生产总值(亿元)"), [], *across("年末户籍人口(万人)", figure=people)
        ]
    },
    "blocks side by side": {
        "x.csv": [
            ["地区生产总值(亿元)", *BLANK, "年末户籍人口(万人)"],
            *[
                [*left, "", *right]
                for left, right in zip(across("城市"), across("城市", figure=people), strict=True)
            ],
        ]
    },
    "a block each city": {
        "x.csv": [
            row for n, name in enumerate(NAMES) for row in ([name], SERIES_DOWN, *of_city(n), [])
        ]
    },
    "a block each city, years across": {
        "x.csv": [
            row
            for n, name in enumerate(NAMES)
            for row in ([f"地区：{name}"], ["指标", *YEARS], *indicators(n), [])
        ]
    },
    "indicators and units in columns": {
        "EPS.csv": [
            ["指标", "地区", "单位", *YEARS],
            *[["地区生产总值", row[0], "亿元", *row[1:]] for row in across("")[1:]],
            *[["年末户籍人口", row[0], "万人", *row[1:]] for row in across("", figure=people)[1:]],
        ]
    },
    "city in the first of its indicators": {
        "EPS.csv": [
            ["地区", "指标", *YEARS],
            *[
                ["" if m else name, *row]
                for n, name in enumerate(NAMES) for m, row in enumerate(indicators(n))
            ],
        ]
    },
    "merged indicators": {
        "EPS.xlsx": {
            "1": Merged(
                [
                    ["指标", "地区", *YEARS],
                    *[[None if n else "GDP(亿元)", *r] for n, r in enumerate(across("")[1:])],
                    *[
                        [None if n else "户籍人口(万人)", *r]
                        for n, r in enumerate(across("", figure=people)[1:])
                    ],
                ],
                ("A2:A4", "A5:A7"),
            )
        }
    },
    "indicators as headings": {
        "x.csv": [
            ["指标/城市", *YEARS],
            ["地区生产总值(亿元)"], *across("")[1:],
            ["年末户籍人口(万人)"], *across("", figure=people)[1:],
        ]
    },
    "cities as headings": {
        "x.csv": [
            ["城市/指标", *YEARS],
            *[row for n, name in enumerate(NAMES) for row in ([name], *indicators(n))],
        ]
    },
    "city and indicator in one cell": {
        "x.csv": [
            ["指标", *YEARS],
            *[
                [f"{name}:{row[0]}", *row[1:]]
                for n, name in enumerate(NAMES) for row in indicators(n)
            ],
        ]
    },
    "a city a file": {
        f"{name}.csv": [["指标", *(f"{year}年" for year in YEARS)], *indicators(n)]
        for n, name in enumerate(NAMES)
    },
    "a city a sheet": {
        "book.xlsx": {
            name.removesuffix("市"): [SERIES_DOWN, *of_city(n)] for n, name in enumerate(NAMES)
        }
    },
    "a year a sheet": {
        "book.xlsx": {
            f"{year}年": [
                ["城市", *SERIES_DOWN[1:]],
                *[[name, gdp(n, year), people(n, year)] for n, name in enumerate(NAMES)],
            ]
            for year in YEARS
        }
    },
    "years over series": {
        "x.csv": [
            ["城市", *[cell for year in YEARS for cell in (year, "")]],
            ["", *["GDP(亿元)", "户籍人口(万人)"] * 3],
            *[
                [name, *[f for year in YEARS for f in (gdp(n, year), people(n, year))]]
                for n, name in enumerate(NAMES)
            ],
        ]
    },
    "cities over series": {
        "x.csv": [
            ["年份", *[cell for name in NAMES for cell in (name, "")]],
            ["", *["GDP(亿元)", "户籍人口(万人)"] * 3],
            *[[y, *[f for n in range(3) for f in (gdp(n, y), people(n, y))]] for y in YEARS],
        ]
    },
    "series over cities": {
        "x.xlsx": {
            "1": Merged(
                [
                    ["年份", "GDP(亿元)", None, None, "户籍人口(万人)", None, None],
                    [None, *NAMES, *NAMES],
                    *[
                        [*left, *right[1:]]
                        for left, right in zip(down(gdp), down(people), strict=True)
                    ],
                ],
                ("A1:A2", "B1:D1", "E1:G1"),
            )
        }
    },
    "cities across, indicators and years down": {
        "x.csv": [
            ["指标", "单位", "年份", *NAMES],
            *[["地区生产总值", "亿元", *row] for row in down(gdp)],
            *[["年末户籍人口", "万人", *row] for row in down(people)],
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("files", ONE_SERIES.values(), ids=ONE_SERIES)
def test_one_series(files, tmp_path):
    assert_exactly(read(tmp_path, files), GDP)


@pytest.mark.parametrize("files", TWO_SERIES.values(), ids=TWO_SERIES)
def test_two_series(files, tmp_path):
    assert_exactly(read(tmp_path, files), BOTH)


@pytest.mark.parametrize(
    "titles",
    [["表1 2010-2012年石家庄市主要经济指标"], ["数据库：主要城市年度数据"], ["石家庄统计公报"]],
)
def test_one_city_by_a_title(titles, tmp_path):
    names = {"表1": "a.csv", "数据库": "石家庄.csv", "石家庄": "石家庄市.csv"}
    name = next(name for word, name in names.items() if titles[0].startswith(word))
    found = read(tmp_path, {name: [titles, ["指标", *YEARS], *indicators(0)]})
    assert_exactly(found, FIRST)
    assert "city `石家庄" in found.notes


def test_cities_across_in_one_year(tmp_path):
    rows = [["地区生产总值(亿元)", *down(gdp)[0][1:]], ["年末户籍人口(万人)", *down(people)[0][1:]]]
    titles = [["数据库：主要城市年度数据"], ["时间：2010年"]]
    assert_exactly(read(tmp_path, {"a.csv": [*titles, ["指标", *NAMES], *rows]}), OF_2010)


def test_one_year_across(tmp_path):
    files = {"GDP(亿元).csv": across("城市", "{}年".format, years=YEARS[:1])}
    assert_exactly(read(tmp_path, files), panel(NAMES, YEARS[:1], gdp_100m_yuan=gdp))


def test_columns_beside_the_years_are_named(tmp_path):
    rows = beside(across("城市"), ["平均增速(%)", 1, 2, 3])
    found = read(tmp_path, {"GDP.csv": [["单位：亿元"], *beside(rows, ["合计", 7, 8, 9])]})
    assert_exactly(found, GDP)
    assert "平均增速(%)" in found.left_over and "合计" in found.left_over


def test_a_level_and_its_growth_under_each_year(tmp_path):
    upper = ["城市", *[cell for year in YEARS for cell in (year, "")]]
    lower = ["", *["总量(亿元)", "增速(%)"] * 3]
    rows = [
        [name, *[f for year in YEARS for f in (gdp(n, year), 7.5)]] for n, name in enumerate(NAMES)
    ]
    growth = panel(NAMES, YEARS, gdp_index_prev_year_100=lambda n, year: 107.5)
    assert_exactly(read(tmp_path, {"GDP.csv": [upper, lower, *rows]}), GDP | growth)


def test_sheets_of_series_nobody_knows_are_named(tmp_path):
    sheets = {"目录": [["序号", "名称"], [1, "GDP"]], "GDP(亿元)": across("城市")}
    sheets |= {f"粮食产量{n}(吨)": across("城市") for n in range(62)}
    found = read(tmp_path, {"book.xlsx": sheets | {"户籍人口(万人)": across("", figure=people)}})
    assert_exactly(found, BOTH)
    assert len(found.report.unused) == 63
    assert "粮食产量7(吨)" in found.left_over and "no title, sheet or file name" in found.left_over


def test_an_indicator_nobody_knows_is_not_taken_for_the_one_above(tmp_path):
    rows = [["", *YEARS], ["地区生产总值(亿元)"], *across("")[1:], ["粮食产量"], *across("")[1:]]
    found = read(tmp_path, {"x.csv": rows})
    assert_exactly(found, GDP)
    assert "粮食产量: unknown indicator" in found.left_over


def test_years_in_two_units_are_refused(tmp_path):
    rows = [["城市", "2010年(亿元)", "2011年(万元)"], *[[name, 1, 2] for name in NAMES]]
    assert "in several units (亿元, 万元)" in read(tmp_path, {"GDP.csv": rows}).left_over


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"GDP.csv": [["城市", "2010-11", "2010-12", "2011-12"], *across("")[1:]]}, "months"),
        ({"GDP.csv": [["城市", "2010年一季度", "2010年二季度"], *across("")[1:]]}, "quarters"),
        ({"GDP.xlsx": {"GDP(万元)": [["单位：亿元"], *across("城市")]}}, "`亿元` by a title"),
        ({"GDP(2010年不变价)(亿元).csv": across("城市")}, "another series: constant prices"),
        ({"a.csv": [["各市地区生产总值(可比价)"], *across("城市")]}, "constant prices"),
        ({"GDP(亿元).csv": across("地区", names=["河北省", "山西省"])}, "a table of provinces"),
    ],
)
def test_what_cannot_be_used_is_refused_by_what_it_is(files, reason, tmp_path):
    found = read(tmp_path, files)
    assert not found.figures and reason in found.left_over


@pytest.mark.parametrize(
    "title",
    [
        "表2 全国地级市2010—2012年地区生产总值统计表（单位：亿元）",
        "GDP_2010_2012_亿元",
        "01_地级市GDP面板（2010-2012）(亿元)",
        "按城市分地区生产总值(亿元)_副本",
        "GRP of prefecture-level cities 2010-2012 (100 million yuan)",
    ],
)
def test_words_around_a_series_add_nothing(title, tmp_path):
    assert_exactly(read(tmp_path, {f"{title}.csv": across("城市")}), GDP)


@pytest.mark.parametrize("corner", ["", "城市"])
@pytest.mark.parametrize("title", ["粮食产量(吨)", "粮食产量 单位：吨", "2010-2012年粮食产量"])
@pytest.mark.parametrize("name", ["x.csv", "GDP(亿元).csv"])
def test_a_table_of_a_series_nobody_knows_is_not_the_one_above(name, title, corner, tmp_path):
    rows = [["GDP(亿元)"], *across(corner), [], [title], *across(corner)]
    found = read(tmp_path, {name: rows})
    assert_exactly(found, GDP)
    assert f"{name} [rows 7 to 11]: years are its headers" in found.left_over


def test_a_table_of_a_series_nobody_knows_is_not_the_one_beside(tmp_path):
    both = zip(across("城市"), across("城市"), strict=True)
    rows = [["GDP(亿元)", *BLANK, "粮食产量(吨)"], *[[*left, "", *right] for left, right in both]]
    found = read(tmp_path, {"GDP.csv": rows})
    assert_exactly(found, GDP)
    assert "GDP.csv [columns 6 to 9]: years are its headers" in found.left_over


def test_a_province_without_a_city_is_not_the_city_above(tmp_path):
    rows = [["省份", "城市", "年份", "GDP(亿元)"], ["河北省", "石家庄市", 2010, 1]]
    found = read(
        tmp_path, {"x.csv": [*rows, ["山西省", "", 2011, 2], ["山西省", "太原市", 2011, 1]]}
    )
    assert ("130100", 2011, "gdp_100m_yuan") not in found.figures


def test_headers_that_must_be_turned_are_refused_where_the_file_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "STREAMED_BYTES", 1)
    monkeypatch.setattr(sources, "STREAMED_YEARBOOK_BYTES", 1)
    rows = [["行政区划代码", "年份", "GDP(亿元)"], ["130100", 2010, 1]]
    found = read(tmp_path, {"a.csv": rows})
    assert found.figures == {("130100", 2010, "gdp_100m_yuan"): 1}
    coded = [["Year", "CityCode", "GDP"], ["年份", "城市代码", "地区生产总值(亿元)"], *rows[1:]]
    other = tmp_path / "other"
    other.mkdir()
    assert "too large to be turned" in read(other, {"a.csv": coded}).left_over


def test_a_sheet_named_after_two_cities_is_refused(tmp_path):
    rows = [["石家庄市"], ["唐山市"], ["指标", *YEARS], *indicators(0)]
    assert "named after two cities" in read(tmp_path, {"x.csv": rows}).left_over


def test_a_blank_name_among_repeated_ones_is_nobody(tmp_path):
    rows = [["城市", "年份", "GDP(亿元)"], ["石家庄市", 2010, 1], ["石家庄市", 2011, 2]]
    found = read(tmp_path, {"x.csv": [*rows, ["", 2012, 3], ["唐山市", 2010, 4]]})
    assert ("130100", 2012, "gdp_100m_yuan") not in found.figures
