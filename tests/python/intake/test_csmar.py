"""Exports of CSMAR and CNRDS: codes, labels and units."""

import pandas as pd
import pytest

from support.sheets import CODES, assert_exactly, panel, read

NAMES = ("石家庄市", "唐山市", "秦皇岛市")
YEARS = (2010, 2011, 2012)


def gdp(n, year):
    return 1000.0 + 100 * n + 10 * (year - 2010)


def people(n, year):
    return 500.0 + 10 * n + (year - 2010)


BOTH = panel(NAMES, YEARS, gdp_100m_yuan=gdp, registered_population_10k=people)


def records(year=lambda year: year, code=str, factors=(1, 1)):
    return [
        [year(y), code(CODES[n]), n, gdp(i, y) * factors[0], people(i, y) * factors[1]]
        for i, n in enumerate(NAMES)
        for y in YEARS
    ]


LABELS_AND_UNITS = ["统计年度", "城市代码", "城市名称", "地区生产总值(亿元)", "年末户籍人口(万人)"]
CODED = ["Sgnyea", "Ctnm_id", "Ctnm", "Gdp0101", "Pop01"]
LABELS = ["年度标识", "城市代码", "城市名称", "地区生产总值", "年末户籍人口"]
UNITS = ["没有单位", "没有单位", "没有单位", "亿元", "万人"]


def frame(columns, labels=None):
    """Return a Stata file; labels of variables are attributes of the frame."""
    made = pd.DataFrame(records(), columns=columns)
    made.attrs = dict(zip(columns, labels, strict=True)) if labels else {}
    return made


def with_province(rows):
    extra = (["Prvcnm_id", "Prvcnm"], ["省份代码", "省份名称"], ["没有单位", "没有单位"])
    filled = [*extra, *[["130000", "河北省"]] * (len(rows) - 3)]
    return [[row[0], *more, *row[1:]] for row, more in zip(rows, filled, strict=True)]


FORMS = {
    "codes, labels, units": {"a.csv": [CODED, LABELS, UNITS, *records()]},
    "in a workbook": {"a.xlsx": {"sheet1": [CODED, LABELS, UNITS, *records()]}},
    "in a text of tabs": {
        "a.txt": "\n".join(
            "\t".join(map(str, row)) for row in [CODED, LABELS, UNITS, *records()]
        )
    },
    "blank units": {"a.csv": [CODED, LABELS, ["", "", "", "亿元", "万人"], *records()]},
    "smaller units": {
        "a.csv": [CODED, LABELS, ["无", "无", "无", "元", "人"], *records(factors=(1e8, 1e4))]
    },
    "no units": {"a.csv": [CODED, LABELS_AND_UNITS, *records()]},
    "units before labels": {"a.csv": [CODED, UNITS, LABELS, *records()]},
    "labels first": {"a.csv": [LABELS, CODED, UNITS, *records()]},
    "labels and codes": {"a.csv": [LABELS_AND_UNITS, CODED, *records()]},
    "labels and units": {"a.csv": [LABELS, UNITS, *records()]},
    "a title above": {"a.csv": [["城市经济统计表"], CODED, LABELS, UNITS, *records()]},
    "a blank row below": {"a.csv": [CODED, LABELS, UNITS, [], *records()]},
    "a source below": {"a.csv": [CODED, LABELS, UNITS, *records(), [], ["数据来源：CSMAR"]]},
    "provinces": {"a.csv": with_province([CODED, LABELS, UNITS, *records()])},
    "codes as decimals": {
        "a.csv": [CODED, LABELS, UNITS, *records(code=lambda code: f"{code}.0")]
    },
    "codes alone": {"a.csv": [[*CODED[:3], "GDP", "Population"], *records()]},
    "codes beside labels": {
        "a.csv": [
            [
                "年份(Year)", "城市代码(CityCode)", "城市(City)",
                "地区生产总值_亿元(GDP)", "户籍人口_万人(RegPop)",
            ],
            *records(),
        ]
    },
    "labels in brackets": {
        "a.csv": [
            [f"{code} [{label}]" for code, label in zip(CODED, LABELS_AND_UNITS, strict=True)],
            *records(),
        ]
    },
    "a list of codes beside": {
        "CRE_Gdp.csv": [CODED, *records()],
        "CRE_Gdp[DES][csv].txt": "Sgnyea [统计年度] - 用YYYY表示\n"
        "Gdp0101 [地区生产总值] - 单位：亿元\nPop01 [年末户籍人口] - 单位：万人\n",
    },
    "English names above": {
        "a.csv": [["Year", "CityCode", "City", "GDP", "RegPop"], LABELS_AND_UNITS, *records()]
    },
    "English names below": {
        "a.csv": [LABELS_AND_UNITS, ["Year", "CityCode", "City", "GDP", "RegPop"], *records()]
    },
    "Stata with labels": {"a.dta": frame(CODED, LABELS_AND_UNITS)},
    "Stata with a few labels": {
        "a.dta": frame(CODED, ["", "", "", "地区生产总值_亿元", "年末户籍人口_万人"])
    },
    "Stata with rows of labels": {
        "a.dta": pd.DataFrame(
            [LABELS, UNITS, *[list(map(str, row)) for row in records()]], columns=CODED
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("files", FORMS.values(), ids=FORMS)
def test_an_export(files, tmp_path):
    assert_exactly(read(tmp_path, files), BOTH)


def test_labels_that_nobody_knows_are_named(tmp_path):
    rows = [[*row, 1] for row in records()]
    head = [[*CODED, "Grain"], [*LABELS, "粮食产量"], [*UNITS, "吨"]]
    found = read(tmp_path, {"a.csv": [*head, *rows]})
    assert_exactly(found, BOTH)
    assert "粮食产量(吨): unknown" in found.left_over


def test_a_list_of_codes_is_named_with_its_file(tmp_path):
    found = read(tmp_path, FORMS["a list of codes beside"])
    assert "CRE_Gdp[DES][csv].txt: a list that says what the codes of CRE_Gdp mean" in (
        found.left_over
    )
    assert "read by the list of codes beside it" in found.notes


@pytest.mark.parametrize("unit", ["平方公里", "%"])
def test_a_unit_of_another_measure_is_refused(unit, tmp_path):
    found = read(tmp_path, {"a.csv": [CODED, LABELS, [*UNITS[:3], unit, "万人"], *records()]})
    assert "does not measure `gdp_100m_yuan`" in found.left_over
    assert {column for _, _, column in found.figures} == {"registered_population_10k"}
