"""Figures in columns of others, and units between rows: named or not used, never in silence."""

import random

import openpyxl
import pandas as pd
import pytest

from urban_resilience.intake.prepare import inspect

CITIES = {
    "130100": "石家庄市", "130200": "唐山市", "130300": "秦皇岛市", "130400": "邯郸市",
    "370100": "济南市", "370200": "青岛市", "330100": "杭州市", "330200": "宁波市",
    "420500": "宜昌市", "520300": "遵义市",
}  # fmt: skip
YEARS = (2010, 2011, 2012, 2013, 2014)
MONEY = (3, 4, 7)
HEADER = [
    "城市代码", "城市", "年份", "地区生产总值(亿元)", "第二产业增加值(亿元)", "年末户籍人口(万人)",
    "在岗职工平均工资(元)", "社会消费品零售总额(亿元)",
]  # fmt: skip
PLAIN = [header.split("(")[0] for header in HEADER]
FIGURES = (
    "gdp_100m_yuan", "secondary_output_100m_yuan", "registered_population_10k",
    "average_wage_yuan", "retail_sales_100m_yuan",
)  # fmt: skip


def _rows():
    draw, rows = random.Random(5), []
    for code, name in CITIES.items():
        gdp, people, wage = draw.uniform(1800, 5200), draw.uniform(350, 800), draw.uniform(3e4, 4e4)
        share, spent = draw.uniform(0.42, 0.55), draw.uniform(0.3, 0.45)
        for n, year in enumerate(YEARS):
            grown = gdp * 1.09**n
            rows.append([
                code, name, year, round(grown, 2), round(grown * share, 2), round(people, 2),
                round(wage * 1.1**n), round(grown * spent, 2),
            ])  # fmt: skip
    return rows


ROWS = _rows()
HALF = len(ROWS) // 2


def read(folder, rows, kind="csv"):
    raw = folder / "raw"
    raw.mkdir()
    if kind == "csv":
        lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
        (raw / "yearbook.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(raw / "yearbook.xlsx")
    return inspect(raw, folder / "out")


def said(report):
    return " | ".join(doubt for source in report.sources for doubt in source.doubts)


def is_exact(report):
    table = pd.read_parquet(report.out_dir / "city_yearbook.parquet")
    found = table.set_index(["city_code", "year"])[list(FIGURES)]
    truth = {(row[0], row[2]): row[3:] for row in ROWS}
    return len(found) == len(truth) and all(
        abs(cell - true) <= 1e-9 * true
        for place, values in truth.items()
        for cell, true in zip(found.loc[place], values, strict=True)
    )


def left(rows, at):
    return [[*row[:at], *row[at + 1 :], None] for row in rows]


def right(rows, at):
    return [[*row[:at], None, *row[at:]][: len(row)] for row in rows]


SHIFTED = {
    "one row to the left": (left, 7, 8, 3, "one column to the right"),
    "a city to the left": (left, 5, 10, 4, "one column to the right"),
    "people gone": (left, 9, 10, 5, "one column to the right"),
    "one row to the right": (right, 7, 8, 3, "one column to the left"),
    "a city to the right": (right, 5, 10, 5, "one column to the left"),
}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("case", SHIFTED)
def test_shifted_rows_are_named(case, kind, tmp_path):
    shift, start, end, at, words = SHIFTED[case]
    rows = [HEADER, *ROWS[:start], *shift(ROWS[start:end], at), *ROWS[end:]]
    doubts = said(read(tmp_path, rows, kind))
    assert words in doubts and f"{end - start} row" in doubts and str(start + 2) in doubts


ORDERS = {
    "two change places": [0, 1, 2, 5, 4, 3, 6, 7],
    "a sector before the whole": [0, 1, 2, 4, 3, 5, 6, 7],
    "wages first": [0, 1, 2, 6, 3, 4, 5, 7],
    "backwards": [0, 1, 2, 7, 6, 5, 4, 3],
}


@pytest.mark.parametrize("by_year", [False, True])
@pytest.mark.parametrize("case", ORDERS)
def test_a_second_file_below_in_another_order_is_named(case, by_year, tmp_path):
    rows = sorted(ROWS, key=lambda row: (row[2], row[0])) if by_year else ROWS
    cut = 30 if by_year else HALF
    turned = [[row[at] for at in ORDERS[case]] for row in rows[cut:]]
    doubts = said(read(tmp_path, [HEADER, *rows[:cut], *turned]))
    assert "another order of columns than above" in doubts


@pytest.mark.parametrize("order", ["as it is", "by year", "backwards", "by size"])
def test_sound_rows_in_any_order_raise_no_doubt(order, tmp_path):
    keys = {"by year": lambda r: r[2], "backwards": lambda r: -int(r[0]), "by size": lambda r: r[3]}
    rows = sorted(ROWS, key=keys[order]) if order in keys else ROWS
    report = read(tmp_path, [HEADER, *rows])
    assert not said(report) and is_exact(report)


def _in_10k(rows):
    return [[c * 10_000 if at in MONEY else c for at, c in enumerate(row)] for row in rows]


UNITS = ["", "", "", "亿元", "亿元", "万人", "元", "亿元"]
UNITS_BELOW = [unit.replace("亿元", "万元") for unit in UNITS]
BELOW = _in_10k(ROWS[HALF:])
BETWEEN = {
    "a title": [["单位：万元"]],
    "words": [["以下单位为万元"]],
    "in brackets": [["（单位：万元）"]],
    "a row of units": [UNITS_BELOW],
    "units in brackets": [[unit and f"({unit})" for unit in UNITS_BELOW]],
    "one header": [[None, None, None, "地区生产总值(万元)"]],
}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("case", BETWEEN)
def test_rows_below_another_unit_without_a_header_are_not_used(case, kind, tmp_path):
    rows = [HEADER, *ROWS[:HALF], *BETWEEN[case], *BELOW]
    wide = [[*row, *[None] * (len(HEADER) - len(row))] for row in rows]
    report = read(tmp_path, wide, kind)
    refused = [c for c in report.unreadable if "in which unit those below it are" in c.reason]
    assert {cell.source_row for cell in refused} == set(range(HALF + 3, len(ROWS) + 3))


WITH_HEADERS = {
    "titles": [["单位：亿元"], PLAIN, *ROWS[:HALF], ["单位：万元"], PLAIN, *BELOW],
    "rows of units": [PLAIN, UNITS, *ROWS[:HALF], PLAIN, UNITS_BELOW, *BELOW],
    "the second by its title": [HEADER, *ROWS[:HALF], ["表二 单位：万元"], PLAIN, *BELOW],
}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("case", WITH_HEADERS)
def test_a_block_with_its_own_units_is_converted(case, kind, tmp_path):
    wide = [[*row, *[None] * (len(HEADER) - len(row))] for row in WITH_HEADERS[case]]
    report = read(tmp_path, wide, kind)
    assert not report.problems and is_exact(report)


def test_the_unit_of_a_title_is_of_totals_and_not_of_wages(tmp_path):
    report = read(tmp_path, [["单位：万元"], PLAIN, *_in_10k(ROWS)])
    notes = " ".join(note for source in report.sources for note in source.notes)
    assert is_exact(report) and "does not fit its size: read as 元" in notes


TOTALS = [
    "合计", "总　计", "全省", "全国", "河北省合计", "(合计)", "合计：", "一、全国", "全国地级市",
    "地级及以上城市", "省会城市", "沿海城市", "华北地区", "京津冀地区", "标准差", "最大值",
    "Grand Total", "All cities", "National", "河北省", "河北", "Hebei",
]  # fmt: skip


@pytest.mark.parametrize("name", TOTALS)
def test_totals_within_the_rows_are_no_city(name, tmp_path):
    total = [None, name, 2010, *(round(sum(row[at] for row in ROWS[::5]), 2) for at in range(3, 8))]
    report = read(tmp_path, [HEADER, *ROWS[:HALF], total, *ROWS[HALF:]])
    codes = pd.read_parquet(report.out_dir / "city_yearbook.parquet")["city_code"]
    [other] = set(codes) - set(CITIES)
    assert other in ("000000", "130000") and not report.unreadable
