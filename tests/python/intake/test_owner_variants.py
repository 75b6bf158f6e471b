"""Files of owners that were misread in silence or refused without a remedy once."""

import unicodedata

import pandas as pd
import pytest

from support.sheets import write
from urban_resilience.intake import inspect
from urban_resilience.intake.vocabulary.aliases import LONG_LAYOUT, aliases
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.intake.vocabulary.pinyin import readings

TWO_CITIES = {
    ("130100", 2010): 3401,
    ("130100", 2011): 4082,
    ("130200", 2010): 4469,
    ("130200", 2011): 5442,
}


def read(tmp_path, files):
    raw = tmp_path / "raw"
    write(raw, files)
    report = inspect(raw, tmp_path / "out")
    path = tmp_path / "out" / "city_yearbook.parquet"
    return report, pd.read_parquet(path) if path.exists() else pd.DataFrame()


def gdp(rows):
    keys = zip(rows.city_code, map(int, rows.year), strict=True)
    return dict(zip(keys, rows.gdp_100m_yuan, strict=True))


PINYIN = "石家庄市,2010,3401\n石家庄市,2011,4082\n唐山市,2010,4469\n唐山市,2011,5442\n"
PIVOT = "求和项:地区生产总值(亿元)"
READ = {
    "headers in pinyin": {"a.csv": f"chengshi,nianfen,diqu shengchan zongzhi\n{PINYIN}"},
    "the unit in words in a title over years": {
        "a.xlsx": {
            "S": [
                ["地区生产总值（单位：亿元）", "", ""],
                ["城市", "2010", "2011"],
                ["石家庄市", 3401.0, 4082.0],
                ["唐山市", 4469.0, 5442.0],
            ]
        }
    },
    "the unit in words in a header": {"a.csv": f"城市,年份,地区生产总值（单位：亿元）\n{PINYIN}"},
    "joined": {"a.csv": f"Chengshi,Nianfen,diqushengchanzongzhi(亿元)\n{PINYIN}"},
    "with tones": {"a.csv": f"chéngshì,niánfèn,dìqū shēngchǎn zǒngzhí\n{PINYIN}"},
    "with a letter of two readings": {
        "a.csv": "chengshi,nianfen,diqu shengchan zongzhi,hujirenkou,shijigdp\n"
        + "".join(f"{line},900,1\n" for line in PINYIN.splitlines())
    },
    "no header above the cities": {
        "GDP.xlsx": {"亿元": [["", 2010, 2011], ["石家庄市", 3401, 4082], ["唐山市", 4469, 5442]]}
    },
    "a city and a year in one cell": {
        "a.csv": "城市年份,GDP(亿元)\n石家庄市2010,3401\n石家庄市2011,4082\n"
        "唐山市2010,4469\n唐山市2011,5442\n"
    },
    "a code and a year in one cell": {
        "a.csv": "id,GDP(亿元)\n130100-2010,3401\n130100-2011,4082\n"
        "130200-2010,4469\n130200-2011,5442\n"
    },
    "a year before its city": {
        "a.csv": "key,GDP(亿元)\n2010_石家庄市,3401\n2011_石家庄市,4082\n"
        "2010_唐山市,4469\n2011_唐山市,5442\n"
    },
    "CEIC in English": {
        "CEIC.xlsx": {
            "My Series": [
                ["", "CN: GDP: Hebei: Shijiazhuang", "CN: GDP: Hebei: Tangshan"],
                ["Frequency", "Annual", "Annual"],
                ["Unit", "RMB mn", "RMB mn"],
                ["12/2010", 340100, 446900],
                ["12/2011", 408200, 544200],
            ]
        }
    },
    "a pivot table with years across": {
        "a.xlsx": {
            "Sheet1": [
                ["", PIVOT, ""],
                ["行标签", 2010, 2011],
                ["石家庄市", 3401, 4082],
                ["唐山市", 4469, 5442],
            ]
        }
    },
    "a pivot table with years below their cities": {
        "a.xlsx": {
            "Sheet1": [
                ["行标签", PIVOT],
                ["石家庄市", 7483],
                ["2010", 3401],
                ["2011", 4082],
                ["唐山市", 9911],
                ["2010", 4469],
                ["2011", 5442],
                ["总计", 17394],
            ]
        }
    },
    "two columns that say the same in two units": {
        "a.csv": "城市,年份,地区生产总值(亿元),GDP(万元)\n石家庄市,2010,3401,34010000\n"
        "石家庄市,2011,4082,40820000\n唐山市,2010,4469,44690000\n唐山市,2011,5442,54420000\n"
    },
    "rows of counties beside their cities": {
        "a.csv": "城市,区县,年份,GDP(亿元)\n石家庄市,,2010,3401\n石家庄市,正定县,2010,200\n"
        "石家庄市,全市,2011,4082\n唐山市,,2010,4469\n唐山市,迁安市,2010,600\n唐山市,,2011,5442\n"
    },
    "parts of the country beside their cities": {
        "a.csv": "城市,所在区域,年份,GDP(亿元)\n石家庄市,东部地区,2010,3401\n"
        "石家庄市,东部地区,2011,4082\n"
        "唐山市,环渤海经济区,2010,4469\n唐山市,环渤海经济区,2011,5442\n"
    },
    "years in rows of their own": {
        "a.xlsx": {
            "S": [
                ["城市", "GDP（亿元）"],
                ["2010年"],
                ["石家庄市", 3401],
                ["唐山市", 4469],
                ["2011年"],
                ["石家庄市", 4082],
                ["唐山市", 5442],
            ]
        }
    },
    "years that stand once": {
        "a.xlsx": {
            "S": [
                ["年份", "城市", "GDP（亿元）"],
                [2010, "石家庄市", 3401],
                ["", "唐山市", 4469],
                [2011, "石家庄市", 4082],
                ["", "唐山市", 5442],
            ]
        }
    },
    "cities above years": {
        "a.xlsx": {
            "S": [
                ["指标", "单位", "石家庄市", "", "唐山市", ""],
                ["", "", "2010", "2011", "2010", "2011"],
                ["地区生产总值", "亿元", 3401, 4082, 4469, 5442],
            ]
        }
    },
    "years above cities": {
        "a.xlsx": {
            "S": [
                ["指标", "2010年", "", "2011年", ""],
                ["", "石家庄市", "唐山市", "石家庄市", "唐山市"],
                ["地区生产总值（亿元）", 3401, 4469, 4082, 5442],
            ]
        }
    },
    "figures under a title": {
        "a.xlsx": {
            "S": [
                ["各市地区生产总值", "", "单位：万元"],
                ["城市", "年份", "数值"],
                ["石家庄市", 2010, 34010000],
                ["石家庄市", 2011, 40820000],
                ["唐山市", 2010, 44690000],
                ["唐山市", 2011, 54420000],
            ]
        }
    },
    "figures in a sheet a year": {
        "GDP.xlsx": {
            "2010": [["城市", "数据（亿元）"], ["石家庄市", 3401], ["唐山市", 4469]],
            "2011": [["城市", "数据（亿元）"], ["石家庄市", 4082], ["唐山市", 5442]],
        }
    },
    "the header of the years over the cities": {
        "GDP(亿元).csv": "时间,2011年,2010年\n石家庄市,4082,3401\n唐山市,5442,4469\n"
    },
    "years as days of reporting": {
        "panel.csv": "城市,统计日期,GDP(亿元)\n石家庄市,2010-12-31,3401\n石家庄市,2011-12-31,4082\n"
        "唐山市,2010-12-31,4469\n唐山市,2011-12-31,5442\n"
    },
}


VALUES = "石家庄市,2010,3401,2\n唐山市,2010,4469,3\n"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("绿地面积.csv", "城市,年份,数值,序"),
        ("GDP.csv", "城市,年份,数值,数据"),
        ("GDP.csv", "城市,年份,数值,指标"),
        ("人均GDP增长率.csv", "城市,年份,数值,序"),
    ],
)
def test_figures_that_nothing_names_are_no_series(tmp_path, name, header):
    _, rows = read(tmp_path, {name: f"{header}\n{VALUES}"})
    assert rows.empty or not {"gdp_100m_yuan", "gdp_index_prev_year_100"} & set(
        rows.dropna(axis=1, how="all").columns
    )


@pytest.mark.parametrize("way", READ)
def test_variants_that_are_read(tmp_path, way):
    report, rows = read(tmp_path, READ[way])
    assert not report.problems
    assert gdp(rows) == TWO_CITIES


def test_what_stata_calls_missing_is_missing(tmp_path):
    text = "city,year,gdp,pop\n石家庄市,2010,3401,.a\n唐山市,2010,.,735\n秦皇岛市,2010,930,.z\n"
    report, rows = read(tmp_path, {"panel.csv": text})
    assert not report.n_unreadable
    assert (
        rows.gdp_100m_yuan.notna().sum() == 2 and rows.registered_population_10k.notna().sum() == 1
    )


def test_prices_of_the_same_time_a_year_ago(tmp_path):
    sheet = [
        ["居民消费价格指数（上年同期=100）"],
        ["地区", "2010", "2011"],
        ["石家庄", 103.1, 105.2],
    ]
    _, rows = read(tmp_path, {"CPI.xlsx": {"CPI": sheet}})
    assert list(rows.cpi_prev_year_100) == [103.1, 105.2]


def test_an_invisible_character_is_named(tmp_path):
    _, rows = read(tmp_path, {"panel.csv": "城市,年份,GDP(亿元)\n石家庄市,2010,1\n"})
    assert list(rows.gdp_100m_yuan) == [1]
    text = "城市,年份,GDP(亿元)\n石家庄市,2010,\u200b1\n"
    report, _ = read(tmp_path, {"panel.csv": text})
    assert "a character in it is invisible, type it anew" in report.unreadable[0].reason


def test_hundreds_of_persons(tmp_path):
    text = "城市,年份,普通高等学校在校学生数(百人)\n石家庄市,2010,3800\n"
    _, rows = read(tmp_path, {"panel.csv": text})
    assert list(rows.college_students_persons) == [380_000]


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("GDP(亿元)", "#DIV/0!", "is the error of a formula: correct it, or empty the cell"),
        ("GDP(亿元)", "930.5[1]", "take the mark of a footnote off"),
        ("GDP(亿元)", "930.5(r)", "take the mark of a footnote off"),
        ("GDP(亿元)", "930.5 e", "take the mark of a footnote off"),
        ("GDP(亿元)", "930.5(1)", "take the mark of a footnote off"),
        ("GDP(亿元)", "930.5 1)", "take the mark of a footnote off"),
        ("GDP(亿元)", "930.5注", "take the mark of a footnote off"),
        ("GDP(亿元)", "1'930'500", "take the signs between its digits out"),
        ("GDP(亿元)", "1.930.500", "take the signs between its digits out"),
        ("GDP(亿元)", "930%", "give every cell of the column a percent sign, or none"),
        ("GDP(亿元)", "约930", "write the figure alone"),
        ("GDP(亿元)", "930以上", "write the figure alone"),
        ("GDP(亿元)", "*", "empty the cell where it says that there is none"),
        ("GDP(亿元)", "待补", "empty the cell where it says that there is none"),
        ("GDP(亿元)", "¥930", "take the sign of the currency off"),
        ("GDP(亿元)", "'930", "take the apostrophe off"),
        ("年份", "2010Q1", "is a part of a year: figures of whole years are read"),
        ("年份", "2010年上半年", "is a part of a year: figures of whole years are read"),
        ("年份", "2010-2011", "are several years: give each a row of its own"),
    ],
)
def test_cells_that_cannot_be_read_say_what_helps(tmp_path, column, cell, words):
    own = {"城市": "石家庄市", "年份": "2011", "GDP(亿元)": "930"} | {column: cell}
    text = f"{','.join(own)}\n{','.join(own.values())}\n唐山市,2011,4469\n"
    report, _ = read(tmp_path, {"panel.csv": text})
    [found] = report.unreadable
    is_figure = column == "GDP(亿元)" and not words.startswith("is ")
    assert found.reason == f"'{cell}' {'is not a number: ' if is_figure else ''}{words}"


def test_every_letter_of_a_known_header_has_a_reading():
    letters = {
        letter
        for table in (*contract(), LONG_LAYOUT)
        for spelling in aliases(table)
        for letter in spelling
        if unicodedata.name(letter).startswith("CJK UNIFIED")
    }
    assert letters and not letters - readings().keys()


def test_pinyin_of_another_series_is_not_taken_for_one(tmp_path):
    text = "chengshi,nianfen,shiji diqu shengchan zongzhi,hujirenkou\n石家庄市,2010,3000,900\n"
    report, rows = read(tmp_path, {"panel.csv": text})
    [ignored] = report.sources[0].ignored
    assert ignored.header == "shiji diqu shengchan zongzhi"
    assert "gdp_100m_yuan" not in rows or not rows.gdp_100m_yuan.notna().any()


def test_initials_are_refused_with_what_they_may_mean(tmp_path):
    report, _ = read(tmp_path, {"panel.csv": "cs,nf,dqsczz,nmzrk\n石家庄市,2010,3401,989\n"})
    [unused] = report.unused
    assert "dqsczz may be 地区生产总值, nmzrk may be 年末总人口" in unused.reason
    beside = "城市,年份,dqsczz,年末总人口\n石家庄市,2010,3401,989\n"
    (tmp_path / "b").mkdir()
    report, _ = read(tmp_path / "b", {"panel.csv": beside})
    [ignored] = report.sources[0].ignored
    assert ignored.reason.startswith("unknown; nearest: 地区生产总值 (gdp_100m_yuan)")


def test_a_file_without_headers_is_told_to_have_some(tmp_path):
    report, _ = read(tmp_path, {"GDP亿元.csv": PINYIN})
    [unused] = report.unused
    assert "it has no row of headers (its first row: 石家庄市, 2010, 3401)" in unused.reason
    assert "write a row of headers above it" in unused.reason


TWO_UNITS = "城市,年份,地区生产总值(亿元),GDP(万元)\n"
FINER = {
    "counties": "省,市,县,年份,GDP(亿元)\n河北省,石家庄市,正定县,2010,200\n"
    "河北省,唐山市,迁安市,2010,600\n",
    "in English": "city,county,year,gdp\n石家庄市,正定县,2010,200\n唐山市,迁安市,2010,600\n",
    "months": "城市,年份,月份,社会消费品零售总额(亿元)\n石家庄市,2010,12,100\n唐山市,2010,12,110\n",
    "industries": "城市,年份,行业,固定资产投资(亿元)\n石家庄市,2010,制造业,100\n"
    "唐山市,2010,制造业,110\n",
    "sexes beside their sum": "城市,年份,性别,年末户籍人口(万人)\n石家庄市,2010,合计,980\n"
    "石家庄市,2010,男,490\n唐山市,2010,合计,735\n唐山市,2010,男,370\n",
    "quarters": "城市,年份,季度,GDP(亿元)\n石家庄市,2010,1,700\n唐山市,2010,1,900\n",
}


@pytest.mark.parametrize("way", FINER)
def test_the_figure_of_a_part_is_not_that_of_the_city_and_year(tmp_path, way):
    report, rows = read(tmp_path, {"panel.csv": FINER[way]})
    assert rows.empty
    [unused] = report.unused
    assert unused.reason.startswith("its rows are ")


def test_a_column_that_names_the_whole_parts_nothing(tmp_path):
    head = "城市,年份,行业,固定资产投资(亿元)\n"
    _, rows = read(tmp_path, {"a.csv": f"{head}石家庄市,2010,全行业,100\n唐山市,2010,合计,110\n"})
    assert list(rows.fixed_asset_investment_100m_yuan) == [100, 110]


def test_a_column_of_months_can_be_left_out_by_its_owner(tmp_path):
    said = "file,sheet,header,column,unit\n,,月份,ignore,\n"
    _, rows = read(tmp_path, {"panel.csv": FINER["months"], "columns.csv": said})
    assert list(rows.retail_sales_100m_yuan) == [100, 110]


def test_columns_of_one_name_that_differ_are_refused(tmp_path):
    text = f"{TWO_UNITS}石家庄市,2010,3401.02,34010200\n唐山市,2010,4469,44680000\n"
    report, _ = read(tmp_path, {"panel.csv": text})
    assert any("both read as `gdp_100m_yuan`" in problem.what for problem in report.problems)


def test_of_two_columns_the_one_with_more_digits_is_read(tmp_path):
    text = f"{TWO_UNITS}石家庄市,2010,3401.02,34010187\n唐山市,2010,4469.2,44691599\n"
    report, rows = read(tmp_path, {"panel.csv": text})
    # 4469.2 is half a digit of its column, two decimals, away from 4469.1599.
    assert any("both read as" in problem.what for problem in report.problems)
    text = text.replace("4469.2,", "4469.16,")
    (tmp_path / "b").mkdir()
    report, rows = read(tmp_path / "b", {"panel.csv": text})
    assert list(rows.gdp_100m_yuan) == [3401.0187, 4469.1599]
    [ignored] = report.sources[0].ignored
    assert ignored.reason == "the same figures as `GDP(万元)`"


def test_a_count_of_a_pivot_table_is_no_series(tmp_path):
    text = "行标签,年份,计数项:地区生产总值(亿元),求和项:年末户籍人口(万人)\n石家庄市,2010,1,989\n"
    report, rows = read(tmp_path, {"panel.csv": text})
    [ignored] = report.sources[0].ignored
    assert "a count of records" in ignored.reason
    assert list(rows.registered_population_10k) == [989]


def test_sectors_indented_below_output_are_its_parts(tmp_path):
    sheet = [
        ["2010年主要经济指标"],
        ["指标", "石家庄市", "唐山市"],
        ["地区生产总值（亿元）", 3401, 4469],
        ["  第二产业", 1653, 2604],
        ["  年末户籍人口（万人）", 989, 735],
    ]
    _, rows = read(tmp_path, {"n.xlsx": {"1": sheet}})
    assert list(rows.secondary_output_100m_yuan) == [1653, 2604]
    assert list(rows.registered_population_10k) == [989, 735]


def test_years_of_two_digits_in_headers_are_refused(tmp_path):
    report, _ = read(
        tmp_path, {"GDP(亿元).csv": "城市,10年,11年\n石家庄市,3401,4082\n唐山市,1,2\n"}
    )
    [unused] = report.unused
    assert "years of two digits (10年, 11年): write all four, as in 2010年" in unused.reason


def test_a_year_that_is_missing_is_not_taken_from_another_city(tmp_path):
    text = "城市,年份,GDP(亿元)\n石家庄市,2010,3401\n石家庄市,2011,4082\n唐山市,,4469\n"
    text += "唐山市,2011,5442\n"
    _, rows = read(tmp_path, {"panel.csv": text})
    assert list(rows.year.isna()) == [False, False, True, False]
