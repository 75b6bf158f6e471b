"""Tables as the yearbook prints them: languages, areas, pages, headings, cities side by side."""

import pytest

from support.sheets import CODES, Merged, assert_exactly, read

NAMES = ("石家庄市", "唐山市", "太原市", "长春市", "吉林市")
PROVINCES = ("河北省", "河北省", "山西省", "吉林省", "吉林省")
HEADER = ["城 市", "地区生产总值(亿元)", "年末户籍人口(万人)"]
TITLE = ["2-1 综合(2017年)"]
GDP, PEOPLE = "gdp_100m_yuan", "registered_population_10k"
ENGLISH_GDP = "Gross Regional Product (100 million yuan)"
ENGLISH_PEOPLE = "Household Registered Population at Year-end (10 000 persons)"


def gdp(n):
    return 1000.0 + n


def people(n):
    return 500.0 + n


def figures(year=2017, columns=(GDP, PEOPLE), names=NAMES):
    of = {GDP: gdp, PEOPLE: people}
    return {
        (CODES[name], year, column): of[column](n)
        for n, name in enumerate(NAMES)
        if name in names
        for column in columns
    }


def plain(names=NAMES):
    return [[f"  {n}", gdp(i), people(i)] for i, n in enumerate(NAMES) if n in names]


def pairs():
    """Return rows of a whole city and its districts, under headings of provinces."""
    rows = []
    for n, (name, province) in enumerate(zip(NAMES, PROVINCES, strict=True)):
        if n == 0 or province != PROVINCES[n - 1]:
            rows.append([province])
        rows.append([" ".join(name), gdp(n), 1, people(n), 2])
    return rows


AREAS = [None, "全市", "市辖区", "全市", "市辖区"]
ENGLISH_AREAS = [None, *["Total City", "Districts under City"] * 2]
UPPER = ["城市", "地区生产总值(亿元)", None, "年末户籍人口(万人)", None]
ENGLISH_UPPER = ["City", ENGLISH_GDP, None, ENGLISH_PEOPLE, None]
IN_PAIRS = {
    "both languages in a cell": Merged(
        [
            TITLE,
            [
                "城市 City", f"地区生产总值(亿元)\n{ENGLISH_GDP}",
                None, f"年末户籍人口(万人)\n{ENGLISH_PEOPLE}",
            ],
            [None, *["全市\nTotal City", "市辖区\nDistricts under City"] * 2],
            *pairs(),
        ],
        ("A1:E1", "A2:A3", "B2:C2", "D2:E2"),
    ),
    "both languages on a line": Merged(
        [
            TITLE,
            ["城市 City", f"地区生产总值 {ENGLISH_GDP}", None, f"年末户籍人口 {ENGLISH_PEOPLE}"],
            [None, *["全市 Total City", "市辖区 Districts under City"] * 2],
            *pairs(),
        ],
        ("A2:A3", "B2:C2", "D2:E2"),
    ),
    "a row of each language": Merged(
        [TITLE, UPPER, ENGLISH_UPPER, AREAS, *pairs()], ("B2:C2", "D2:E2", "B3:C3", "D3:E3")
    ),
    "two rows of each language": [TITLE, UPPER, ENGLISH_UPPER, AREAS, ENGLISH_AREAS, *pairs()],
    "units before areas": [
        TITLE,
        ["城市", "地区生产总值", None, "年末户籍人口", None],
        [None, "亿元", None, "万人", None],
        AREAS,
        *pairs(),
    ],
    "units behind areas": [
        TITLE,
        ["城市", "地区生产总值", None, "年末户籍人口", None],
        AREAS,
        [None, "(亿元)", "(亿元)", "(万人)", "(万人)"],
        *pairs(),
    ],
    "a column of numbers before the cities": [
        TITLE, ["序号", *UPPER], [None, *AREAS],
        *[[n if len(row) > 1 else None, *row] for n, row in enumerate(pairs())],
    ],
}  # fmt: skip

WHOLE = {
    "spaces and headings": {"2-1.csv": [TITLE, HEADER, ["河北省"], *plain()]},
    "units in a row": {
        "2017.csv": [["城市", "地区生产总值", "年末户籍人口"], ["", "(亿元)", "(万人)"], *plain()]
    },
    "the volume in the sheet": {"a.xlsx": {"中国城市统计年鉴2018": [HEADER, *plain()]}},
    "the volume in the folder": {"中国城市统计年鉴2018/2-1.csv": [HEADER, *plain()]},
    "the volume in short": {"2018年鉴/综合.csv": [HEADER, *plain()]},
    "the volume in English": {
        "a.csv": [["China City Statistical Yearbook 2018"], HEADER, *plain()]
    },
    "the volume behind a dash": {"《中国城市统计年鉴—2018》.csv": [HEADER, *plain()]},
    "the volume and the year": {"中国城市统计年鉴2018.csv": [TITLE, HEADER, *plain()]},
    "the year in the folder": {"2017/综合.csv": [HEADER, *plain()]},
    "English header": {
        "2-1.csv": [["2-1 (2017)"], ["City", ENGLISH_GDP, ENGLISH_PEOPLE], *plain()]
    },
    "English names beside": {
        "2017.csv": [["城市", "City", *HEADER[1:]], *[[r[0], "X", *r[1:]] for r in plain()]]
    },
    "a merged name over both languages": {
        "2-1.xlsx": {
            "2-1": Merged(
                [TITLE, ["城市 City", None, *HEADER[1:]], *[[r[0], "X", *r[1:]] for r in plain()]],
                ("A2:B2",),
            )
        }
    },
    "merged provinces": {
        "a.xlsx": {
            "2017年": Merged(
                [
                    ["省份", *HEADER],
                    *[[None if n in (1, 4) else PROVINCES[n], *r] for n, r in enumerate(plain())],
                ],
                ("A2:A3", "A5:A6"),
            )
        }
    },
    "pages": {
        "2-1.csv": [
            TITLE, ["单位：亿元、万人"], HEADER, *plain(NAMES[:2]), ["· 123 ·"], ["124"],
            ["2-1 续表1", "", "Continued"], ["单位：亿元、万人"], HEADER, *plain(NAMES[2:]),
            ["注：本表数据..."], ["125"],
        ]
    },
    "other columns on the next page": {
        "2-1.csv": [
            TITLE, HEADER[:2], *[row[:2] for row in plain()],
            ["2-1 续表"], [HEADER[0], HEADER[2]], *[row[::2] for row in plain()],
        ]
    },
    "other columns beside": {
        "2017.csv": [
            [*HEADER[:2], "", HEADER[0], HEADER[2]],
            *[[*a[:2], "", *b[::2]] for a, b in zip(plain(), plain()[::-1], strict=True)],
        ]
    },
    "whole cities and districts in rows": {
        "2017.csv": [
            ["城市", "范围", *HEADER[1:]],
            *[row for r in plain() for row in ([r[0], "全市", *r[1:]], [r[0], "市辖区", 1, 2])],
        ]
    },
    "whole cities and districts under a merged name": {
        "2017.csv": [
            ["城市", "", *HEADER[1:]],
            *[row for r in plain() for row in ([r[0], "全市", *r[1:]], ["", "市辖区", 1, 2])],
        ]
    },
    "numbers of pages in words": {
        "2-1.csv": [
            TITLE, HEADER, *plain(NAMES[:2]), ["第 12 页"], ["- 13 -"], HEADER,
            *plain(NAMES[2:]), ["第13页 共30页"],
        ]
    },
    "headings in two languages": {
        "2-1.csv": [
            TITLE, HEADER, ["河北省 Hebei"], *plain(NAMES[:2]), ["山西省 Shanxi"],
            *plain(NAMES[2:3]), ["吉  林  省 Jilin"], *plain(NAMES[3:]),
        ]
    },
    "numbered headings": {
        "2-1.csv": [
            TITLE, HEADER, ["一、河北省"], *plain(NAMES[:2]), ["二、其他"], *plain(NAMES[2:])
        ]
    },
    "footnotes on names": {
        "2-1.csv": [
            TITLE, HEADER,
            *[[name + mark, *r[1:]] for name, mark, r in zip(NAMES, "①*②③④", plain(), strict=True)],
            ["①唐山市数据含..."],
        ]
    },
}  # fmt: skip

SIDE_BY_SIDE = {
    "two blocks": [
        HEADER[:2] * 2,
        [NAMES[0], gdp(0), NAMES[3], gdp(3)],
        [NAMES[1], gdp(1), NAMES[4], gdp(4)],
        [NAMES[2], gdp(2), "", ""],
    ],
    "three blocks with blank columns": [
        [*HEADER[:2], "", *HEADER[:2], "", *HEADER[:2]],
        [NAMES[0], gdp(0), "", NAMES[2], gdp(2), "", NAMES[4], gdp(4)],
        [NAMES[1], gdp(1), "", NAMES[3], gdp(3), "", "", ""],
    ],
    "under provinces and areas": [
        [*HEADER[:2], "", *HEADER[:2], ""],
        ["", "全市", "市辖区", "", "全市", "市辖区"],
        ["河北省", "", "", "吉林省", "", ""],
        [NAMES[0], gdp(0), 1, NAMES[3], gdp(3), 1],
        [NAMES[1], gdp(1), 1, "吉林", gdp(4), 1],
        ["山西省", "", "", "", "", ""],
        [NAMES[2], gdp(2), 1, "", "", ""],
    ],
}


@pytest.mark.parametrize("sheet", IN_PAIRS.values(), ids=IN_PAIRS)
def test_whole_cities_beside_their_districts(sheet, tmp_path):
    found = read(tmp_path, {"2-1.xlsx": {"2-1": sheet}})
    assert_exactly(found, figures())
    assert found.left_over.count("city proper (市辖区): not the series of the whole city") == 2
    assert "names of provinces above their cities" in found.notes


@pytest.mark.parametrize("files", WHOLE.values(), ids=WHOLE)
def test_a_printed_table(files, tmp_path):
    assert_exactly(read(tmp_path, files), figures())


@pytest.mark.parametrize("rows", SIDE_BY_SIDE.values(), ids=SIDE_BY_SIDE)
def test_several_cities_a_line(rows, tmp_path):
    found = read(tmp_path, {"2017.csv": rows})
    assert_exactly(found, figures(columns=(GDP,)))
    assert "blocks of columns set under each other" in found.notes


@pytest.mark.parametrize(
    ("title", "header"),
    [
        ("2-2 地区生产总值(亿元)(2017年)", ["城市", "全市", "市辖区"]),
        ("2017年地区生产总值(亿元)", ["城市 City", "全市 Total City", "市辖区 City Proper"]),
    ],
)
def test_a_series_that_only_the_title_names(title, header, tmp_path):
    rows = [[title], header, *[[row[0], row[1], 1] for row in plain()]]
    found = read(tmp_path, {"2-2.csv": rows})
    assert_exactly(found, figures(columns=(GDP,)))
    assert "city proper (市辖区)" in found.left_over


def test_men_and_women_under_people(tmp_path):
    sheet = Merged(
        [
            ["城市", "年末户籍人口(万人)", None, None, "地区生产总值(亿元)"],
            [None, "合计", "男", "女", None],
            *[[row[0], row[2], 1, 2, row[1]] for row in plain()],
        ],
        ("A1:A2", "B1:D1", "E1:E2"),
    )
    found = read(tmp_path, {"2017.xlsx": {"1": sheet}})
    assert_exactly(found, figures())
    assert "(男)" in found.left_over and "(女)" in found.left_over


def test_sectors_under_their_sum(tmp_path):
    sheet = Merged(
        [
            ["城市", "地区生产总值(亿元)", None, None],
            [None, "合计", "第二产业", "第三产业"],
            *[[row[0], row[1], 300 + n, 400 + n] for n, row in enumerate(plain())],
        ],
        ("A1:A2", "B1:D1"),
    )
    sectors = {
        (CODES[name], 2017, f"{sector}_output_100m_yuan"): base + n
        for n, name in enumerate(NAMES)
        for sector, base in (("secondary", 300), ("tertiary", 400))
    }
    assert_exactly(read(tmp_path, {"2017.xlsx": {"1": sheet}}), figures(columns=(GDP,)) | sectors)


def test_a_block_each_year(tmp_path):
    rows = [row for year in (2016, 2017) for row in ([f"{year}年"], HEADER, *plain(), [])]
    assert_exactly(read(tmp_path, {"a.csv": rows}), figures(2016) | figures(2017))


def test_years_under_each_series(tmp_path):
    upper, lower = ["城市", HEADER[1], "", HEADER[2], ""], ["", "2016", "2017", "2016", "2017"]
    rows = [[row[0], row[1], row[1], row[2], row[2]] for row in plain()]
    assert_exactly(
        read(tmp_path, {"2-1.csv": [upper, lower, *rows]}), figures(2016) | figures(2017)
    )


def test_figures_of_provinces_and_totals_keep_codes_of_their_own(tmp_path):
    rows = [["地级及以上城市合计", 9, 8], ["河北省", 7, 6], *plain()]
    found = read(tmp_path, {"2017.csv": [HEADER, *rows]})
    others = {("000000", 2017, GDP): 9, ("000000", 2017, PEOPLE): 8}
    others |= {("130000", 2017, GDP): 7, ("130000", 2017, PEOPLE): 6}
    assert_exactly(found, figures() | others)


def test_a_table_of_growth_beside_levels_says_so(tmp_path):
    upper = ["城市", "地区生产总值", "", "年末户籍人口(万人)"]
    lower = ["", "绝对数(亿元)", "平减后(亿元)", ""]
    rows = [[row[0], row[1], 7.5, row[2]] for row in plain()]
    found = read(tmp_path, {"2017.csv": [upper, lower, *rows]})
    assert_exactly(found, figures())
    assert "`平减后` makes it another series: constant prices" in found.left_over


def test_the_year_of_a_tidied_folder_is_no_year_of_its_figures(tmp_path):
    found = read(tmp_path, {"整理2023/综合.csv": [HEADER, *plain()]})
    assert not found.figures and "lacks a column of years" in found.left_over
