"""Words beside the name of a series: each is known to be harmless, or the column is left out."""

import pytest

from urban_resilience.intake.contract import contract
from urban_resilience.intake.headers import parse_header, volume_year_in, year_in
from urban_resilience.intake.match import match_columns

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
    "GDP (constant 2010 prices) (100 million yuan)": "is not known to be harmless",
    "GDP(人均)(元)": "a ratio to heads or area",
    "GDP (per capita)(100 million yuan)": "a ratio to heads or area",
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
    "年末常住人口(万人)": "residents",
    "Resident population (10,000 persons)": "residents",
    "单位从业人员数(万人)": "staff of units alone",
    "城镇单位从业人员期末人数(万人)": "staff of units alone",
    "电信业务收入(亿元)": "revenue of telecommunications",
    "Telecom revenue (100 million yuan)": "revenue of telecommunications",
    # Label and name of a Stata variable, and two languages in one cell.
    "常住人口\npopulation": "residents",
    "实际GDP\ngdp": "constant prices",
    "地区生产总值(亿元)\nGross regional product at constant prices": "constant prices",
}


@pytest.mark.parametrize("header", OTHERS)
def test_a_word_that_makes_another_series_leaves_the_column_out(header):
    target, reason = matched(header, size=102.0 if "CPI" in header or "价格" in header else 500.0)
    assert target == ""
    assert OTHERS[header] in reason


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
