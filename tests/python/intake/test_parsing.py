"""Headers, units, numbers and cities, one at a time."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.study import seed
from urban_resilience.intake.cells.numbers import (
    IDENTITY,
    MISSING_MARKS,
    Conversion,
    Unreadable,
    plain_numbers,
    to_double,
    to_integer,
    to_text,
)
from urban_resilience.intake.cells.text import display_width, key
from urban_resilience.intake.vocabulary.aliases import aliases, find_alias
from urban_resilience.intake.vocabulary.cities import resolve, resolve_name
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.intake.vocabulary.headers import parse_header, scope_in, year_in
from urban_resilience.intake.vocabulary.units import conversion, find_unit, units

YEARBOOK = "city_yearbook"
SERIES = [column for column in contract()[YEARBOOK].columns if column.dimension]


@pytest.mark.parametrize(
    ("header", "column", "unit"),
    [
        ("地区生产总值(万元)", "gdp_100m_yuan", "万元"),
        ("地区生产总值（亿元）", "gdp_100m_yuan", "亿元"),
        ("地区生产总值[万元]", "gdp_100m_yuan", "万元"),
        ("地区生产总值【单位：万元】", "gdp_100m_yuan", "万元"),
        ("地区生产总值_万元", "gdp_100m_yuan", "万元"),
        ("地区生产总值万元", "gdp_100m_yuan", "万元"),
        ("地区生产\n总值 （当年价格） （ 万 元 ）", "gdp_100m_yuan", "万元"),
        ("2013年地区生产总值（万元）", "gdp_100m_yuan", "万元"),
        ("地区生产总值①(万元)", "gdp_100m_yuan", "万元"),
        ("地区生产总值(全市)(万元)", "gdp_100m_yuan", "万元"),
        ("ＧＤＰ（亿元）", "gdp_100m_yuan", "亿元"),
        ("GDP, 10,000 yuan", "gdp_100m_yuan", "10000yuan"),
        ("GDP (100 million yuan)", "gdp_100m_yuan", "100millionyuan"),
        ("gdp_100m_yuan", "gdp_100m_yuan", "100myuan"),
        ("地区生产总值\nGross Regional Product\n(10 000 yuan)", "gdp_100m_yuan", "10000yuan"),
        ("年末户籍人口(万人)", "registered_population_10k", "万人"),
        ("城镇登记失业人员数", "registered_unemployed_persons", ""),
        ("当年实际使用外资金额(万美元)", "fdi_used_million_usd", "万美元"),
        ("居民消费价格指数(上年=100)", "cpi_prev_year_100", "上年=100"),
        ("人均城市道路面积（平方米）", "road_area_per_capita_m2", "平方米"),
        ("行政区域土地面积(平方公里)", "land_area_km2", "平方公里"),
        ("Land area, km²", "land_area_km2", "km2"),
        ("在岗职工平均工资（元）", "average_wage_yuan", "元"),
        ("行政区划代码", "city_code", ""),
        ("市 名", "city_name_zh", ""),
        ("年度", "year", ""),
    ],
)
def test_a_header_is_its_column_and_unit(header, column, unit):
    parsed = parse_header(header)
    assert find_alias(YEARBOOK, parsed).column == column
    assert parsed.unit == unit


@pytest.mark.parametrize("header", ["人均绿地面积(平方米)", "地区生产总值构成", "邮编", "备注"])
def test_an_unknown_header_is_no_column(header):
    assert find_alias(YEARBOOK, parse_header(header)) is None


def test_a_header_says_which_area_it_covers():
    assert parse_header("地区生产总值(市辖区)(万元)").scope == "urban"
    assert parse_header("全市地区生产总值").scope == "city"
    assert parse_header("地区生产总值（万元）", "市辖区").scope == "urban"
    assert parse_header("地区生产总值").scope == ""
    assert scope_in("2013年 市辖区") == "urban"
    assert scope_in("全市和市辖区") == ""


def test_years_in_titles():
    assert [year_in(t) for t in ("2013", "2013年", "城市2013年度", "Y2013")] == [2013] * 4
    assert year_in("2005-2019年") is None
    assert year_in("320700") is None


def test_every_series_has_three_spellings_and_a_chinese_name():
    spellings = Counter(alias.column for alias in aliases(YEARBOOK).values())
    for column in contract()[YEARBOOK].columns:
        # The contract's own name is one more.
        assert spellings[column.name] >= 4, column.name
    for table in contract().values():
        for column in table.columns:
            assert column.name_zh, f"{table.name}.{column.name}"


def test_no_spelling_means_two_columns():
    rows = seed("column_aliases").fillna("")
    rows = rows[rows["column_name"] != "(file name)"]
    clashes = rows.assign(key=rows["alias"].map(key)).groupby(["table_name", "key"])
    assert (clashes["column_name"].nunique() == 1).all()


def test_every_unit_of_the_contract_is_a_unit_and_every_number_has_a_dimension():
    for table in contract().values():
        for column in table.columns:
            if column.unit:
                assert find_unit(column.dimension, column.unit), column.name
            has_dimension = bool(column.dimension)
            assert has_dimension == (column.data_type == "double"), column.name


def test_factors_are_powers_of_ten():
    for by_key in units().values():
        for unit in by_key.values():
            assert Conversion(unit.factor).exponent is not None, unit


@pytest.mark.parametrize(
    ("dimension", "unit", "target", "text", "expected"),
    [
        ("yuan", "万元", "100m_yuan", "12345.6", 1.23456),
        ("yuan", "元", "100m_yuan", "316217000000", 3162.17),
        ("yuan", "百万元", "100m_yuan", "1", 0.01),
        ("person", "人", "10k", "12732500", 1273.25),
        ("person", "万人", "persons", "8.59585", 85958.5),
        ("usd", "万美元", "million_usd", "195913", 1959.13),
        ("usd", "亿美元", "million_usd", "19.5913", 1959.13),
        ("area", "公顷", "km2", "566800", 5668.0),
        ("area", "万公顷", "km2", "56.68", 5668.0),
        ("tonne", "吨", "10k_tonnes", "7", 0.0007),
        ("household", "户", "10k", "837300", 83.73),
        ("household", "万部", "10k", "83.73", 83.73),
        ("yuan", "万元/人", "yuan", "8.373", 83_730.0),
        ("index", "上年=1", "prev_year_100", "1.0577", 105.77),
        ("index", "growth_percent", "prev_year_100", "5.77", 105.77),
        ("index", "growth_percent", "prev_year_100", "-0.3", 99.7),
    ],
)
def test_a_unit_converts_exactly(dimension, unit, target, text, expected):
    chosen = conversion(find_unit(dimension, unit), find_unit(dimension, target))
    assert to_double(text, chosen) == expected
    assert to_double(float(text), chosen) == expected


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text("0123456789.,-+eE ０１…①", max_size=20),
    st.sampled_from(["", "-", "…", "N.A.", "１２", "1,234", " 12 ", "1e400", "-0", "00", "12."]),
)
CONVERSIONS = (
    IDENTITY,
    Conversion(Fraction(10_000)),
    Conversion(Fraction(1, 10_000)),
    Conversion(Fraction(20, 3)),
    Conversion(offset=100),
)


@given(st.lists(CELLS, max_size=5), st.sampled_from(CONVERSIONS))
def test_a_column_read_at_once_says_what_its_cells_say(cells, conversion):
    """Whatever the short way reads, to the last bit and the sign of zero."""
    for cell, plain in zip(cells, plain_numbers(cells, conversion), strict=True):
        if plain is not ...:
            assert repr(plain) == repr(to_double(cell, conversion))


@pytest.mark.parametrize(
    "column",
    [
        ["12", "-3.50", "", None, "0.10", "-0"],
        ["12\n13", "5"],
        ["12", "1,234"],
        ["12", " 13"],
        ["12", 13],
        ["１２", "13"],
        ["12", "1e3"],
        ["\n", "13"],
        [],
        ["", None],
    ],
)
def test_a_column_of_text_is_read_as_its_cells_are(column):
    for of in CONVERSIONS:
        for cell, plain in zip(column, plain_numbers(column, of), strict=True):
            assert plain is ... or repr(plain) == repr(to_double(cell, of))


def test_plain_figures_are_read_at_once():
    """Or a yearbook would take the long way, cell by cell."""
    assert ... not in plain_numbers([1.5, 12, "12.30", "-7", None])
    assert ... not in plain_numbers(["12.30", "-7", "", None])
    assert ... not in plain_numbers([1.5, "12.30"], Conversion(Fraction(1, 10_000)))


@given(
    digits=st.integers(0, 10**15 - 1), places=st.integers(0, 6), power=st.sampled_from([2, 4, 6, 8])
)
def test_a_figure_disguised_in_another_unit_comes_back_to_the_last_bit(digits, places, power):
    value = float(Decimal(digits).scaleb(-places))
    text = format(Decimal(repr(value)).scaleb(power), "f")
    assert to_double(text, Conversion(Fraction(1, 10**power))) == value
    assert to_double(float(text), Conversion(Fraction(1, 10**power))) == pytest.approx(
        value, rel=2**-52, abs=0
    )


@pytest.mark.parametrize(
    "mark", [*sorted(MISSING_MARKS), " - ", "ＮＡ", "－", "N.A.", None, float("nan")]
)
def test_marks_of_missing_figures(mark):
    assert to_double(mark) is None
    assert to_integer(mark) is None
    assert to_text(mark) is None


@pytest.mark.parametrize("zero", ["0.0", "0", 0, 0.0, "０", "-0"])
def test_zero_is_a_figure(zero):
    assert to_double(zero) == 0.0


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234.5", 1234.5),
        ("1 234 567", 1234567.0),
        ("１２３４．５", 1234.5),
        ("１，２３４", 1234.0),
        (" 12\u3000", 12.0),
        ("-3.5", -3.5),
        ("−3.5", -3.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        (7, 7.0),
        (Decimal("2.50"), 2.5),
    ],
)
def test_numbers(cell, value):
    assert to_double(cell) == value


@pytest.mark.parametrize(
    "cell",
    ["abc", "12.3①", "12.3*", "1,23", "1,2345", "12,34.5", "1_000", "0x10", "inf", "1e999", "5%",
     "12 34", "(12)", "1.2.3", True, dt.datetime(2013, 1, 1), float("inf"), "约12"],
)  # fmt: skip
def test_what_is_no_number_is_unreadable(cell):
    with pytest.raises(Unreadable):
        to_double(cell)


@pytest.mark.parametrize(
    "cell",
    ["2013", "2013.0", 2013, 2013.0, "2013年", "2013年度", "２０１３", dt.date(2013, 12, 31)],
)
def test_years(cell):
    assert to_integer(cell) == 2013


@pytest.mark.parametrize("cell", ["2013.5", 2013.5, "2012-2013", "last", "1e12", "二〇一三年"])
def test_what_is_no_year_is_unreadable(cell):
    with pytest.raises(Unreadable):
        to_integer(cell)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_survives_its_spelling(value):
    assert to_double(value) == value
    assert to_double(repr(value)) == value
    assert to_double(format(Decimal(repr(value)), "f")) == value


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("110000", None, "110000"),
        ("110000.0", None, "110000"),
        ("１１００００", None, "110000"),
        ("1301", None, "130100"),
        ("1100", None, "110000"),
        ("130100000000", None, "130100"),
        ("130102", None, "130100"),
        ("130102005", None, "130100"),
        ("110105", None, "110000"),
        ("310115", None, "310000"),
        ("500101", None, "500000"),
        (None, "石家庄市", "130100"),
        (None, "石家庄", "130100"),
        (None, " 石 家 庄 市 ", "130100"),
        (None, "Shijiazhuang", "130100"),
        (None, "SHIJIAZHUANG CITY", "130100"),
        (None, "Xi'an", "610100"),
        (None, "Xian", "610100"),
        (None, "襄樊市", "420600"),
        (None, "襄樊", "420600"),
        (None, "思茅", "530800"),
        (None, "毕节地区", "520500"),
        ("522400", None, "520500"),
        ("522401", None, "520500"),
        ("522200", "铜仁地区", "520600"),
        ("632100", None, "630200"),
        ("469003", None, "460400"),
        # Merged away: their rows stay under their own code, to be set aside.
        ("341400", "巢湖市", "341400"),
        (None, "巢湖", "341400"),
        ("371200", None, "371200"),
        (None, "莱芜市", "371200"),
        # Directly under a province, no part of a city.
        ("429004", "仙桃市", "429004"),
        # Of a place outside the study there is a code too, by which its row is set aside.
        ("13", None, "130000"),
        (None, "河北省", "130000"),
        (None, "合计", "000000"),
        # The text stays where nothing is known.
        ("990000", None, "990000"),
        (None, "某某市", "某某市"),
        ("北京", "北京市", "110000"),
        ("北京市", None, "110000"),
        (None, "110000", "110000"),
    ],
)
def test_cities(code, name, expected):
    city = resolve(code, name)
    assert city.code == expected
    assert city.reason == ""


def test_a_code_and_a_name_that_contradict_each_other():
    city = resolve("110000", "上海市")
    assert city.code == "110000"
    assert "北京市" in city.reason
    assert "上海市" in city.reason


def test_every_city_is_known_by_its_names():
    cities = seed("cities")
    for row in cities.itertuples():
        assert resolve(row.city_code, row.city_name_zh).code == row.city_code
        assert resolve_name(row.city_name_zh) == row.city_code
        assert resolve_name(row.city_name_en) == row.city_code
        assert resolve_name(row.city_name_zh.removesuffix("市")) == row.city_code


def test_every_change_leads_to_a_city_or_says_keep():
    changes, codes = seed("city_changes"), set(seed("cities")["city_code"])
    for row in changes.itertuples():
        assert resolve(None, row.old_name_zh).code == (
            row.new_code if row.decision == "map" else row.old_code
        )
        if row.decision == "map":
            assert row.new_code in codes
            assert resolve(row.old_code, row.old_name_zh).code == row.new_code
        else:
            assert resolve(row.old_code, None).code == row.old_code
        assert not pd.isna(row.evidence)


@given(st.text(max_size=8), st.text(max_size=8))
def test_no_text_breaks_the_resolution_of_cities(code, name):
    city = resolve(code or None, name or None)
    assert city.code in (code, name, None) or len(city.code) == 6


@given(st.text(max_size=40), st.one_of(st.none(), st.text(max_size=10)))
def test_no_text_breaks_the_parsing_of_headers(header, below):
    parsed = parse_header(header, below)
    assert parsed.scope in ("", "city", "urban")
    find_alias(YEARBOOK, parsed)


def test_width_on_a_terminal():
    assert display_width("城市ab") == 6
