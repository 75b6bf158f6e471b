"""Files as databases export them, and lists as their owners keep them: read exactly."""

import openpyxl
import pandas as pd
import pytest

from urban_resilience.intake.prepare import inspect

CITIES = {
    "石家庄市": ("Hebei", "Shijiazhuang"), "青岛市": ("Shandong", "Qingdao"),
    "杭州市": ("Zhejiang", "Hangzhou"), "宜昌市": ("Hubei", "Yichang"),
}  # fmt: skip
CODES = ("130100", "370200", "330100", "420500")
YEARS = (2010, 2011, 2012)


def gdp(place, year):
    return 1500.5 + 310.25 * place + 90.75 * (year - 2010)


def people(place, year):
    return 400.25 + 35.5 * place + 1.25 * (year - 2010)


def columns(name, values=(gdp,), factor=1):
    """Rows of years under a header for each city and series."""
    head = [name(place, n) for place in range(len(CITIES)) for n in range(len(values))]
    rows = [
        [
            values[n](place, year) * factor
            for place in range(len(CITIES))
            for n in range(len(values))
        ]
        for year in YEARS
    ]
    return head, rows


NAMES = list(CITIES)
ENGLISH = list(CITIES.values())


def wind():
    head, rows = columns(lambda p, n: f"{NAMES[p][:-1]}:{('GDP', '户籍人口')[n]}", (gdp, people))
    return [
        ["指标名称", *head],
        ["频率", *["年"] * 8],
        ["单位", *["亿元", "万人"] * 4],
        ["来源", *["统计局"] * 8],
        *([f"{year}-12-31", *row] for year, row in zip(YEARS, rows, strict=True)),
        ["数据来源：Wind"],
    ]


def ceic():
    head, rows = columns(lambda p, n: f"CN: GDP: {': '.join(ENGLISH[p])}", factor=100)
    return [
        [None, *head],
        ["Unit", *["RMB mn"] * 4],
        ["Frequency", *["Annual"] * 4],
        *([year, *row] for year, row in zip(YEARS, rows, strict=True)),
    ]


def eps():
    head, rows = columns(lambda p, n: f"地区生产总值(万元):{NAMES[p]}", factor=10_000)
    return [
        ["时间", *head],
        *([f"{year}年", *row] for year, row in zip(YEARS, rows, strict=True)),
    ]


def with_underscores():
    head, rows = columns(lambda p, n: f"{NAMES[p]}_地区生产总值(亿元)")
    return [["年份", *head], *([y, *row] for y, row in zip(YEARS, rows, strict=True))]


def of_the_world_bank():
    head = ["City", *(f"{year} [YR{year}]" for year in YEARS)]
    return [["GDP (100 million yuan)"], head, *_across(lambda p: ENGLISH[p][1])]


def numbered():
    rows = [["指标", "年份", *NAMES]]
    for year in YEARS:
        rows.append(["一、地区生产总值（亿元）", year, *(gdp(p, year) for p in range(4))])
        rows.append(["二、年末户籍人口（万人）", year, *(people(p, year) for p in range(4))])
    return rows


def with_currency_first():
    return [
        ["city", "year", "GDP (CNY 100 million)"],
        *([n, y, gdp(p, y)] for p, n in enumerate(NAMES) for y in YEARS),
    ]


def _across(name):
    return [[name(p), *(gdp(p, year) for year in YEARS)] for p in range(len(CITIES))]


EXPORTS = {
    wind: True, ceic: False, eps: False, with_underscores: False, of_the_world_bank: False,
    numbered: True, with_currency_first: False,
}  # fmt: skip


def save(path, rows):
    path.parent.mkdir(exist_ok=True, parents=True)
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
        return
    lines = [",".join("" if cell is None else f'"{cell}"' for cell in row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.__name__)
def test_an_export_is_read_exactly(export, kind, tmp_path):
    save(tmp_path / "raw" / f"data.{kind}", export())
    report = inspect(tmp_path / "raw", tmp_path / "out")
    assert not report.problems and not report.unreadable
    table = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    found = table.set_index(["city_code", "year"])
    assert len(found) == len(CITIES) * len(YEARS)
    for place, code in enumerate(CODES):
        for year in YEARS:
            row = found.loc[(code, year)]
            assert row["gdp_100m_yuan"] == pytest.approx(gdp(place, year), rel=1e-12)
            if EXPORTS[export]:
                assert row["registered_population_10k"] == people(place, year)


def test_a_column_of_another_kind_among_cities_is_named(tmp_path):
    rows = with_underscores()
    rows = [[*rows[0], "备注"], *([*row, "x"] for row in rows[1:])]
    save(tmp_path / "raw" / "data.csv", rows)
    report = inspect(tmp_path / "raw", tmp_path / "out")
    assert [item.header for item in report.sources[0].ignored] == ["备注"]


def beside(tmp_path, name, rows):
    """A folder with a yearbook and one more file."""
    save(tmp_path / "raw" / "yearbook.csv", with_currency_first())
    save(tmp_path / "raw" / name, rows)
    return inspect(tmp_path / "raw", tmp_path / "out")


@pytest.mark.parametrize("header", ["first_treat", "gvar", "Treatment year", "首次处理年份"])
def test_first_treated_years_are_pilots_of_the_policy_that_the_file_names(header, tmp_path):
    rows = [["city", header], ["石家庄市", 2014], ["青岛市", 0], ["杭州市", 2015], ["宜昌市", ""]]
    report = beside(tmp_path, "broadband_china.csv", rows)
    pilots = pd.read_parquet(report.out_dir / "policy_pilots.parquet")
    assert pilots[["city_code", "year"]].values.tolist() == [["130100", 2014], ["330100", 2015]]
    assert set(pilots["policy_id"]) == {"broadband_china"}


def test_a_list_of_places_and_years_asks_for_its_policy(tmp_path):
    report = beside(tmp_path, "创新型城市.csv", [["年份", "城市"], [2010, "石家庄市、青岛市"]])
    [reason] = [item.reason for item in report.unused]
    assert "nothing names its policy by a name that is known: add a column `policy_id`" in reason


MEMBERS = [
    ["甲", "石家庄市", "纺织业", "20090315", "至今"],
    ["乙", "青岛市", "纺织业C17", "2010/5/1", "2015-12-31"],
    ["丙", "杭州市", "C17", "2011", "长期"],
]


@pytest.mark.parametrize("firm", ["公司", "name", "企业", "Company name"])
def test_members_by_the_name_of_their_firm_with_ends_that_nobody_knows(firm, tmp_path):
    report = beside(
        tmp_path, "会员.csv", [[firm, "city", "行业", "入会日期", "到期日期"], *MEMBERS]
    )
    members = pd.read_parquet(report.out_dir / "platform_members.parquet")
    assert members["firm_id"].tolist() == ["甲", "乙", "丙"]
    assert members["joined_year"].tolist() == [2009, 2010, 2011]
    assert members["expired_year"].isna().tolist() == [True, False, True]
    assert {code.removeprefix("C") for code in members["industry_code"]} == {"17"}


def test_a_register_in_english_offers_its_count(tmp_path):
    rows = [["name", "reg_date", "city"], *([f"f{n}", f"2012/{n}/3", "青岛市"] for n in (1, 2, 3))]
    report = beside(tmp_path, "firms.csv", rows)
    [reason] = [item.reason for item in report.unused]
    assert "count its rows by `city` and the year of `reg_date` as new_firms" in reason


SECTORS = ("01T02", "03", "05T06", "10T12", "13T15", "16")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("2016/CHN_TTL.csv", "TTL_{}"),
        ("IO_CHN_2016.csv", "Some products [D{}]"),
        ("IO_CHN_2016.csv", "Some products ({})"),
    ],
)
def test_tables_of_sectors_with_codes_behind_names_and_years_of_folders(name, label, tmp_path):
    head = ["", *(label.format(sector) for sector in SECTORS), "HFCE"]
    rows = [[label.format(s), *range(1, 7), 9] for s in SECTORS]
    report = beside(tmp_path, name, [head, *rows, ["OUTPUT", *[900] * 6, 0]])
    assert not report.problems
    flows = pd.read_parquet(report.out_dir / "input_output_flows.parquet")
    assert len(flows) == 36 and set(flows["year"]) == {2016}
    assert flows["value_million_usd"].sum() == 6 * 21


HEADERS = {
    "GDP(百万元人民币)": 100, "GDP (RMB 100m)": 1, "1.地区生产总值(亿元)": 1, "gdp（十亿元）": 0.1,
    "一、地区生产总值(亿元)": 1, "(一)地区生产总值(亿元)": 1, "GDP (CNY billion)": 0.1,
    "Gross domestic product (billions of yuan)": 0.1, "GDP (ten thousand RMB)": 10_000,
}  # fmt: skip


@pytest.mark.parametrize("header", HEADERS)
def test_numbers_of_a_list_and_units_in_other_words(header, tmp_path):
    factor = HEADERS[header]
    rows = [[n, y, repr(gdp(p, y) * factor)] for p, n in enumerate(NAMES) for y in YEARS]
    save(tmp_path / "raw" / "panel.csv", [["city", "year", header], *rows])
    report = inspect(tmp_path / "raw", tmp_path / "out")
    assert not report.problems
    found = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")["gdp_100m_yuan"]
    truth = [gdp(p, y) for p in range(len(CITIES)) for y in YEARS]
    assert sorted(found) == pytest.approx(sorted(truth), rel=1e-12)
