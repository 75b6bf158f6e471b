"""Words beside the name of a series: each is known to be harmless, or the column is left out."""

import pandas as pd
import pytest

from urban_resilience.intake.prepare import inspect
from urban_resilience.intake.recognition.match import match_columns
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.intake.vocabulary.headers import parse_header, volume_year_in, year_in

YEARBOOK = contract()["city_yearbook"]


def matched(header, size=500.0, below=None, keys=("城市", "年份"), **sheet):
    """What becomes of one column beside cities and years: its target, or why it is left out."""
    headers = [parse_header(name) for name in keys]
    cells = [["石家庄市", "唐山市"], [2010, 2010]][: len(keys)]
    found = match_columns(
        YEARBOOK, [*headers, parse_header(header, below)], [*cells, [size, size * 1.1]], **sheet
    )
    assert not found.faults, found.faults
    names = {column.name for column in YEARBOOK.columns if column.dimension}
    series = [match.target for match in found.matched if match.target in names]
    return (series[0], "") if series else ("", found.ignored[-1].reason)


OTHERS = {
    "地区生产总值(2005年不变价)(亿元)": "constant prices",
    "地区生产总值(亿元,2005年不变价)": "constant prices",
    "地区生产总值(可比价)(亿元)": "constant prices",
    "GDP(2005年不变价(亿元))": "constant prices",
    "GDP (constant 2010 prices) (100 million yuan)": "constant prices",
    "GDP(人均)(元)": "a ratio to heads or area",
    "GDP(占比)": "a share",
    "GDP(同比)(亿元)": "a growth rate",
    "GDP(第二产业占比)": "a share",
    "固定资产投资(房地产)(亿元)": "a part of the investment",
    "社会消费品零售总额(农村)(亿元)": "a part of the people",
    "年末金融机构各项贷款余额(本外币)(亿元)": "all currencies",
    "总人口(常住)(万人)": "residents",
    "Population (resident) (10,000 persons)": "residents",
    "专利授权数(发明)(件)": "patents",
    "专利授权数(发明专利)(件)": "patents",
    "GDP(预计)(亿元)": "no observed figure",
    "GDP(对数)": "a transformed figure",
    "GDP(丙)(亿元)": "`丙` beside its name is not known to be harmless",
    "居民消费价格指数(2010年=100)": "not known to be harmless",
    "CPI (2010=100)": "not known to be harmless",
    "在岗职工人数(万人)": "staff of units alone",
    "电信业务收入(亿元)": "revenue of telecommunications",
    "Telecom revenue (100 million yuan)": "revenue of telecommunications",
    # Label and name of a Stata variable, and two languages in one cell.
    "户籍人口\nresident population": "residents",
    "实际GDP\ngdp": "constant prices",
    "地区生产总值(亿元)\nGross regional product at constant prices": "constant prices",
}


@pytest.mark.parametrize("header", OTHERS)
def test_a_word_that_makes_another_series_leaves_the_column_out(header):
    target, reason = matched(header, size=102.0 if "CPI" in header or "价格" in header else 500.0)
    assert target == ""
    assert OTHERS[header] in reason


# Another series than the plain name says, which others can be derived from.
AUXILIARY = {
    "年末常住人口(万人)": "residents_10k",
    "常住人口\npopulation": "residents_10k",
    "Resident population (10,000 persons)": "residents_10k",
    "单位从业人员数(万人)": "unit_employed_10k",
    "城镇单位从业人员期末人数(万人)": "unit_employed_10k",
    "城镇私营和个体从业人员(万人)": "private_employed_10k",
    "GDP (per capita)(yuan)": "gdp_per_capita_yuan",
    "人均地区生产总值（元）": "gdp_per_capita_yuan",
    "第二产业占GDP比重": "secondary_share_percent",
    "第三产业占地区生产总值的比重（%）": "tertiary_share_percent",
    "Secondary industry as percentage to GRP (%)": "secondary_share_percent",
    "第一产业增加值（亿元）": "primary_output_100m_yuan",
}


@pytest.mark.parametrize("header", AUXILIARY)
def test_what_others_are_derived_from_is_read_as_itself(header):
    is_share = AUXILIARY[header].endswith("percent")
    assert matched(header, size=40.0 if is_share else 500.0)[0] == AUXILIARY[header]


SAME = {
    "地区生产总值(当年价)(亿元)": "gdp_100m_yuan",
    "地区生产总值(亿元,现价)": "gdp_100m_yuan",
    "地区生产总值（全市）（亿元）": "gdp_100m_yuan",
    "地区生产总值(合计)(亿元)": "gdp_100m_yuan",
    "GDP (current prices, 100 million yuan)": "gdp_100m_yuan",
    "地区生产总值①(亿元)": "gdp_100m_yuan",
    "地区生产总值(亿元)\nGross Regional Product (100 million yuan)": "gdp_100m_yuan",
    "地区生产总值(亿元)\nv12": "gdp_100m_yuan",
    "固定资产投资(不含农户)(亿元)": "fixed_asset_investment_100m_yuan",
    "固定资产投资(不含农户)(亿元)\nx7": "fixed_asset_investment_100m_yuan",
    "户籍人口(年末)(万人)": "registered_population_10k",
    "地区生产总值(第二产业)(亿元)": "secondary_output_100m_yuan",
    "人均城市道路面积(平方米)\nPer capita area of paved roads": "road_area_per_capita_m2",
    "规模以上工业企业数(个)\nNumber of industrial enterprises": "above_scale_industrial_firms",
    "城镇登记失业人员数(人)\nRegistered urban unemployed": "registered_unemployed_persons",
}


@pytest.mark.parametrize("header", SAME)
def test_a_harmless_word_changes_nothing(header):
    sizes = {"road_area_per_capita_m2": 12.0, "registered_unemployed_persons": 30000}
    assert matched(header, size=sizes.get(SAME[header], 500.0)) == (SAME[header], "")


def test_a_heading_above_belongs_to_the_name_below_it():
    assert matched("地区生产总值", below="第二产业(亿元)")[0] == "secondary_output_100m_yuan"
    assert matched("综合", below="地区生产总值(亿元)")[0] == "gdp_100m_yuan"
    assert "a growth rate" in matched("地区生产总值", below="同比增长")[1]
    assert "a part of the investment" in matched("房地产开发", below="固定资产投资(亿元)")[1]


def test_a_year_in_a_header_is_that_of_the_sheet_or_the_column_is_left_out():
    assert "a figure of 2005 beside a column of years" in matched("gdp_2005")[1]
    assert "a figure of 2005 beside a column of years" in matched("2005年地区生产总值(亿元)")[1]
    alone = {"keys": ("城市",)}
    assert matched("2013年地区生产总值(亿元)", sheet_year=2013, **alone)[0] == "gdp_100m_yuan"
    assert (
        "the sheet is of 2013" in matched("2005年地区生产总值(亿元)", sheet_year=2013, **alone)[1]
    )


def test_a_title_over_one_series_speaks_for_it():
    assert "constant prices" in matched("GDP(亿元)", titles=("各市地区生产总值(2005年不变价)",))[1]
    assert matched("GDP(亿元)", titles=("2-1 各市地区生产总值",))[0] == "gdp_100m_yuan"


@pytest.mark.parametrize(
    ("title", "year", "volume"),
    [
        ("中国城市统计年鉴2018 地区生产总值", None, 2018),
        ("2018年中国城市统计年鉴", None, 2018),
        ("中国城市统计年鉴(2018)", None, 2018),
        ("中国城市统计年鉴-2018", None, 2018),
        ("China City Statistical Yearbook 2018", None, 2018),
        # The year of the data beside that of the volume; the contract's own name is no volume.
        ("2-1 地区生产总值(2017年) 中国城市统计年鉴2018", 2017, 2018),
        ("city_yearbook_2013", 2013, None),
        ("2013年", 2013, None),
    ],
)
def test_a_yearbook_prints_the_year_before(title, year, volume):
    assert (year_in(title), volume_year_in(title)) == (year, volume)


def test_what_a_header_may_mean_as_well_is_said():
    headers = [parse_header(name) for name in ("城市", "年份", "Population (10,000 persons)")]
    found = match_columns(YEARBOOK, headers, [["石家庄市"], [2010], [900.0]])
    assert "if the figures are of residents" in found.matched[-1].note


# --- growth as a fraction -------------------------------------------------------------------------


def index_of(header, values):
    headers = [parse_header(name) for name in ("城市", "年份", header)]
    cells = [[f"city {i}" for i in range(len(values))], [2010] * len(values), values]
    found = match_columns(YEARBOOK, headers, cells)
    if found.faults:
        return str(found.faults[0])
    conversion = found.matched[-1].conversion
    return [round(conversion.apply(repr(value)), 6) for value in values]


@pytest.mark.parametrize(
    ("header", "values", "expected"),
    [
        ("gdp_growth", [0.12, 0.08, -0.02], [112, 108, 98]),
        ("CPI涨幅", [0.0477, 0.0088, 0.0123], [104.77, 100.88, 101.23]),
        ("GDP增速(%)", [0.12, 0.08, 0.1], [112, 108, 110]),
        ("gdp_growth", [12.0, 8.0, -2.0], [112, 108, 98]),
        # Prices fell by 0.7 percent: as a fraction they would have fallen by 70.
        ("CPI涨幅", [-0.7, -0.9, 0.4], [99.3, 99.1, 100.4]),
        ("CPI涨幅", [0.2, 0.25, 1.4], [100.2, 100.25, 101.4]),
    ],
)
def test_growth_becomes_an_index_in_percent_or_as_a_fraction(header, values, expected):
    assert index_of(header, values) == expected


def test_growth_that_could_be_either_is_asked_for():
    assert "could be in percent or a fraction" in index_of("gdp_growth", [0.31, 0.35, 0.4])


def test_a_unit_that_does_not_measure_the_growth_is_no_growth():
    target, reason = matched("GDP增长率(万元)", size=8.0)
    assert target == ""
    assert "does not measure" in reason


def test_an_index_of_few_cities_must_lie_near_100_too():
    assert "plausible" in index_of("居民消费价格指数", [2.3, 1.9]) or "could be" in index_of(
        "居民消费价格指数", [2.3, 1.9]
    )


# --- columns of units and of areas ----------------------------------------------------------------


def prepared(tmp_path, text, name="yearbook.csv"):
    raw = tmp_path / "raw"
    raw.mkdir(exist_ok=True)
    (raw / name).write_text(text, encoding="utf-8")
    return inspect(raw, tmp_path / "out")


def series_of(tmp_path, column):
    frame = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    return frame.set_index(["city_code", "year"])[column].to_dict()


def test_a_column_of_units_holds_row_by_row(tmp_path):
    report = prepared(
        tmp_path,
        "城市,年份,实际利用外资,单位\n石家庄市,2010,15762,万美元\n唐山市,2010,185.54,百万美元\n"
        "秦皇岛市,2010,77,公顷\n邯郸市,2010,88,\n",
    )
    assert not report.problems
    found = series_of(tmp_path, "fdi_used_million_usd")
    assert found[("130100", 2010)] == 157.62
    assert found[("130200", 2010)] == 185.54
    assert pd.isna(found[("130300", 2010)])
    assert pd.isna(found[("130400", 2010)])
    reasons = {cell.source_row: cell.reason for cell in report.unreadable}
    assert "`公顷`, which does not measure" in reasons[4]
    assert "has no unit in its row" in reasons[5]
    assert any("unit of each row by `单位`" in note for note in report.sources[0].notes)


@pytest.mark.parametrize("header", ["货币单位", "外资单位", "量纲", "scale"])
def test_a_column_of_units_is_known_by_its_cells(tmp_path, header):
    report = prepared(
        tmp_path,
        f"城市,年份,实际利用外资,{header}\n石家庄市,2010,15762,万美元\n唐山市,2010,1.8554,亿美元\n",
    )
    assert not report.problems
    assert series_of(tmp_path, "fdi_used_million_usd") == {
        ("130100", 2010): 157.62,
        ("130200", 2010): 185.54,
    }


def test_a_currency_alone_is_no_unit(tmp_path):
    report = prepared(tmp_path, "城市,年份,GDP,Currency\n石家庄市,2010,5000,CNY\n")
    assert not report.problems
    assert series_of(tmp_path, "gdp_100m_yuan") == {("130100", 2010): 5000.0}


def test_a_column_of_units_beside_several_series_is_asked_for(tmp_path):
    report = prepared(
        tmp_path, "城市,年份,实际利用外资,地区生产总值,单位\n石家庄市,2010,1576,5000,万美元\n"
    )
    assert "which series it is about is open" in str(report.problems[0])


def test_rows_of_the_city_proper_are_left_out_beside_whole_cities(tmp_path):
    report = prepared(
        tmp_path,
        "城市,年份,统计口径,地区生产总值(亿元)\n石家庄市,2010,全市,5000\n石家庄市,2010,市辖区,2500\n"
        "唐山市,2010,全市,6000\n唐山市,2010,市辖区,3000\n",
    )
    assert not report.problems
    assert series_of(tmp_path, "gdp_100m_yuan") == {
        ("130100", 2010): 5000.0,
        ("130200", 2010): 6000.0,
    }
    (source,) = report.sources
    assert (source.rows_in, source.rows_left_out) == (2, 2)
    assert not source.ignored
    assert any("2 rows of the city proper (市辖区) left out" in note for note in source.notes)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("城市,年份,统计口径,地区生产总值(亿元)\n石家庄市,2010,市辖区,2500\n", "a.csv"),
        ("城市,年份,地区生产总值(亿元)\n石家庄市,2010,2500\n", "市辖区2010.csv"),
    ],
)
def test_a_sheet_of_the_city_proper_alone_is_not_used(tmp_path, text, name):
    report = prepared(tmp_path, text, name)
    assert report.tables == {}
    assert "city proper (市辖区)" in report.unused[0].reason


def test_the_long_layout_leaves_them_out_too(tmp_path):
    report = prepared(
        tmp_path,
        "城市,年份,范围,指标,数值,单位\n石家庄市,2010,全市,地区生产总值,5000,亿元\n"
        "石家庄市,2010,市辖区,地区生产总值,2500,亿元\n",
    )
    assert not report.problems
    assert series_of(tmp_path, "gdp_100m_yuan") == {("130100", 2010): 5000.0}
    assert report.sources[0].rows_left_out == 1
