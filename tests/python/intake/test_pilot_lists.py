"""Lists of pilots as ministries print them and as people keep them."""

import pandas as pd
import pytest

from support.sheets import write
from urban_resilience.intake import inspect
from urban_resilience.intake.recognition.shapes.pilot_cells import places_in, year_of_cell

BEIJING, TIANJIN, TANGSHAN, TAIYUAN = "110000", "120000", "130200", "140100"
HEADER = ["序号", "试点地区"]
TWO_BATCHES = {(BEIJING, 1): 2012, (TIANJIN, 1): 2012, (TAIYUAN, 2): 2013}
TWO_YEARS = {(BEIJING, None): 2012, (TIANJIN, None): 2012, (TAIYUAN, None): 2013}


def read(tmp_path, files):
    raw = tmp_path / "raw"
    write(raw, files)
    report = inspect(raw, tmp_path / "out")
    path = tmp_path / "out" / "policy_pilots.parquet"
    return report, pd.read_parquet(path) if path.exists() else pd.DataFrame()


def dated(rows):
    """City and batch, as a number where there is one, to the year."""
    numbers = {"第一批": 1, "第二批": 2, "First batch": 1, "Second batch": 2}
    batches = [None if pd.isna(b) else numbers.get(b) or int(float(b)) for b in rows.batch]
    return dict(zip(zip(rows.city_code, batches, strict=True), rows.year, strict=True))


SHAPES = {
    "headings with years": (
        "智慧城市试点.csv",
        "城市\n第一批（2012年）\n北京市\n天津市\n第二批（2013年）\n太原市\n",
        TWO_BATCHES,
    ),
    "headings of years": ("智慧城市.csv", "2012年\n北京\n天津\n2013年\n太原\n", TWO_YEARS),
    "headings with other words": (
        "智慧城市.csv",
        "2012年第一批国家智慧城市试点（共2个）\n北京市\n天津市\n2013年第二批国家智慧城市试点\n太原市\n",
        TWO_BATCHES,
    ),
    "English headings": (
        "smart city pilots.csv",
        "City\nFirst batch (2012)\nBeijing\nTianjin\nSecond batch (2013)\nTaiyuan\n",
        TWO_BATCHES,
    ),
    "columns of batches": (
        "智慧城市试点.csv",
        "第一批(2012年),第二批(2013年)\n北京市,太原市\n天津市,\n",
        TWO_BATCHES,
    ),
    "columns of years": ("智慧城市.csv", "2012年,2013年\n北京市,太原市\n天津市,\n", TWO_YEARS),
    "English columns": (
        "smart city.csv",
        "First batch (2012),Second batch (2013)\nBeijing,Taiyuan\nTianjin,\n",
        TWO_BATCHES,
    ),
    "two header rows": (
        "智慧城市试点.csv",
        "第一批,第二批\n2012年,2013年\n北京市,太原市\n天津市,\n",
        TWO_BATCHES,
    ),
    "batches without years, dated by the seed": (
        "智慧城市试点.csv",
        "第一批,第二批\n北京市,太原市\n天津市,\n",
        TWO_BATCHES,
    ),
    "a column of batches without years": (
        "智慧城市试点名单.csv",
        "城市名称,批次\n北京市,1\n天津市,1\n太原市,2\n",
        TWO_BATCHES,
    ),
    "cells of several cities": (
        "智慧城市.csv",
        "批次,年份,试点城市\n第一批,2012,北京市、天津市\n第二批,2013,太原市\n",
        TWO_BATCHES,
    ),
    "English cells of several cities": (
        "smart city.csv",
        'Batch,Year,Cities\n1,2012,"Beijing; Tianjin"\n2,2013,Taiyuan\n',
        TWO_BATCHES,
    ),
    "lines of text": (
        "智慧城市.txt",
        "第一批（2012年）：北京市、天津市\n第二批（2013年）：太原市\n",
        TWO_BATCHES,
    ),
    "gaps below the first of a batch": (
        "智慧城市.csv",
        "批次,年份,城市\n第一批,2012,北京市\n,,天津市\n第二批,2013,太原市\n",
        TWO_BATCHES,
    ),
    "dates": (
        "智慧城市.csv",
        "试点城市,批复时间,所在省\n北京市,2012年12月,北京\n天津市,2012-12-05,天津\n太原市,2013.8,山西\n",
        TWO_YEARS,
    ),
    "0 and 1 with the years across": (
        "智慧城市.csv",
        "城市,2011,2012,2013\n北京市,0,1,1\n天津市,0,1,1\n太原市,0,0,1\n唐山市,0,0,0\n",
        TWO_YEARS,
    ),
    "a flag beside the year": (
        "智慧城市.csv",
        "city,pilot,year\nBeijing,yes,2012\nTianjin,yes,2012\nTaiyuan,yes,2013\nTangshan,no,2013\n",
        TWO_YEARS,
    ),
    "a year at the first place of a batch": (
        "智慧城市.csv",
        "城市,批次,年份\n北京市,第一批,2012\n天津市,第一批,\n太原市,第二批,2013\n",
        TWO_BATCHES,
    ),
    "provinces and cities below each batch": (
        "智慧城市.csv",
        "第一批（2012年7月）,,第二批（2013年）,\n省,市,省,市\n北京,北京,山西,太原\n天津,天津,,\n",
        TWO_BATCHES,
    ),
    "a city without a year is no pilot": (
        "智慧城市.csv",
        "城市,试点年份\n北京市,2012\n唐山市,\n天津市,2012\n太原市,2013\n",
        TWO_YEARS,
    ),
    "first and last years": (
        "smartcity.csv",
        "city,start_year,end_year\nBeijing,2012,2015\nTianjin,2012,2015\nTaiyuan,2013,2015\n",
        TWO_YEARS,
    ),
    "a column of dates under the policy": (
        "名单.csv",
        "城市,智慧城市\n北京市,2012年12月\n天津市,2012-12-05\n太原市,2013\n唐山市,—\n",
        TWO_YEARS,
    ),
    "names of other columns": (
        "Smart city pilot.csv",
        "No,City,Pilot year\n1,Beijing,2012\n2,Tianjin,2012\n3,Taiyuan,2013\n",
        TWO_YEARS,
    ),
}


@pytest.mark.parametrize(("name", "text", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_a_list_in_any_shape(name, text, expected, tmp_path):
    report, rows = read(tmp_path, {name: text})
    assert dated(rows) == expected
    assert set(rows.policy_id) == {"smart_city"} and not report.n_unreadable


def panel(columns):
    """A panel of three cities and four years; ``columns`` are functions of city and year."""
    lines = [",".join(["city", "year", *columns])]
    for city in ("北京市", "天津市", "唐山市"):
        for year in range(2010, 2014):
            marks = (str(int(mark(city, year))) for mark in columns.values())
            lines.append(",".join([city, f"{year}-12-31", *marks]))
    return "\n".join(lines)


def test_treated_cities_times_treated_years(tmp_path):
    columns = {"treat": lambda c, y: c != "唐山市", "post": lambda c, y: y >= 2012}
    report, rows = read(tmp_path, {"低碳试点.csv": panel(columns)})
    assert dated(rows) == {(BEIJING, None): 2012, (TIANJIN, None): 2012}
    assert set(rows.policy_id) == {"low_carbon_city"}
    assert any("`treat x post` is a dummy" in note for note in report.sources[0].notes)


def test_several_policies_of_one_panel(tmp_path):
    columns = {
        "did_smart": lambda c, y: c == "北京市" and y >= 2012,
        "did_低碳": lambda c, y: c == "天津市" and y >= 2011,
        "宽带中国DID": lambda c, y: c == "唐山市" and y >= 2013,
    }
    _, rows = read(tmp_path, {"panel.csv": panel(columns)})
    assert {(r.policy_id, r.city_code): r.year for r in rows.itertuples()} == {
        ("smart_city", BEIJING): 2012,
        ("low_carbon_city", TIANJIN): 2011,
        ("broadband_china", TANGSHAN): 2013,
    }


def test_a_sheet_a_batch_with_titles(tmp_path):
    book = {
        "第一批": [
            ["第一批国家智慧城市试点（2012年）"],
            ["序号", "试点地区"],
            [1, "北京市"],
            [2, "天津市"],
        ],
        "第二批": [["第二批（2013年）"], ["序号", "试点地区"], [1, "太原市"], ["注：略"]],
    }
    _, rows = read(tmp_path, {"智慧城市试点.xlsx": book})
    assert dated(rows) == TWO_BATCHES


def test_a_sheet_a_year_without_a_header(tmp_path):
    book = {"2012": [["北京市"], ["天津市"]], "2013": [["太原市"]]}
    report, rows = read(tmp_path, {"智慧城市.xlsx": book})
    assert dated(rows) == TWO_YEARS
    assert "a sheet of places alone: a list of pilots by its name" in report.sources[0].notes


def test_a_province_beside_the_batches_settles_names(tmp_path):
    text = '省份,第一批(2012年),第二批(2013年)\n安徽,Suzhou,Wuhu\n江苏,,"Suzhou;Wuxi"\n'
    _, rows = read(tmp_path, {"智慧城市.csv": text})
    assert dated(rows) == {
        ("341300", 1): 2012, ("340200", 2): 2013, ("320500", 2): 2013, ("320200", 2): 2013,
    }  # fmt: skip


def test_groups_provinces_counties_and_scopes(tmp_path):
    text = (
        "城市,年份,范围\n长株潭城市群（长沙市、株洲市、湘潭市）,2014,\n长三角城市群,2014,\n海南省,2014,\n"
        "昆山市,2014,\n北京市,2014,东城区\n无锡市,2014,全市\n"
    )
    report, rows = read(tmp_path, {"宽带中国.csv": text})
    found = {(r.city_code, r.city_name_zh): r.scope for r in rows.itertuples()}
    assert set(found) == {
        ("430100", "长沙市"), ("430200", "株洲市"), ("430300", "湘潭市"),
        ("000000", "长三角城市群"), ("460000", "海南省"), ("320500", "昆山市"),
        ("110000", "北京市"), ("320200", "无锡市"),
    }  # fmt: skip
    assert found["320500", "昆山市"] == found["110000", "北京市"] == "partial"
    assert found["320200", "无锡市"] == "全市"
    notes = report.sources[0].notes
    assert "`长株潭城市群` stands for the 3 cities that it lists" in notes
    assert "1 scopes name a district or county: partial" in notes


def test_a_seed_that_dates_a_batch_is_named(tmp_path):
    report, _ = read(tmp_path, {"智慧城市试点.csv": "第一批,第二批\n北京市,太原市\n"})
    said = "no year given: that of each batch in seed policy_pilots (smart_city 1: 2012"
    assert any(note.startswith(said) for note in report.sources[0].notes)


def test_a_list_of_an_unknown_policy_is_named_with_the_remedy(tmp_path):
    report, rows = read(tmp_path, {"创新型城市试点.csv": "城市,年份\n北京市,2010\n"})
    assert rows.empty and "add a column `policy_id`" in report.unused[0].reason


@pytest.mark.parametrize(
    "cell", ["2012", "2012年", "2012年12月", "2012.12", "2012-12-05", "2012年底", 2012, 41244]
)
def test_a_date_of_a_list(cell):
    assert year_of_cell(cell) == 2012


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("北京市", ["北京市"]),
        ("北京市、天津市和太原市", ["北京市", "天津市", "太原市"]),
        ("Suzhou, Jiangsu", ["Suzhou, Jiangsu"]),
        ("苏州(江苏)", ["苏州(江苏)"]),
        ("河北省：石家庄市、唐山市", ["石家庄市", "唐山市"]),
        ("甲地、乙地", ["甲地、乙地"]),
    ],
)
def test_cities_of_a_cell(cell, names):
    assert [name for name, _ in places_in(cell)[0]] == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("城市\n太原市（第二批）\n北京市(第一批)\n天津市（首批）\n", TWO_BATCHES),
        (
            "城市,年份\n太原市（第二批）,2013\n北京市（第一批）,2012\n天津市（第1批）,2012\n",
            TWO_BATCHES,
        ),
    ],
)
def test_a_batch_behind_a_place_is_no_part_of_it(tmp_path, text, expected):
    report, rows = read(tmp_path, {"智慧城市试点名单.csv": text})
    found = {code: year for (code, _), year in expected.items()}
    assert dict(zip(rows.city_code, rows.year, strict=True)) == found
    # Read as a district of its city it would be partial.
    assert "scope" not in rows or not rows.scope.notna().any()
    assert any("3 years or batches in brackets" in n for n in report.sources[0].notes)


WHOLE = {
    "brackets": "地区,年份\n海南省（全省）,2012\n太原市,2012\n",
    "words": "地区,年份\n海南全省,2012\n太原市,2012\n",
    "all its cities": "地区,年份\n海南省所有地级市,2012\n太原市,2012\n",
    "a scope": "地区,年份,范围\n海南省,2012,全省\n太原市,2012,\n",
    "English": "City,Year,Scope\nHainan,2012,all cities\nTaiyuan,2012,\n",
}


@pytest.mark.parametrize("way", WHOLE)
def test_a_province_stands_for_its_cities_where_the_list_says_so(tmp_path, way):
    report, rows = read(tmp_path, {"低碳试点.csv": WHOLE[way]})
    assert sorted(rows.city_code) == [TAIYUAN, "460100", "460200", "460300", "460400"]
    assert set(rows.year) == {2012}
    assert any("(4 cities) put into rows" in note for note in report.sources[0].notes)


def test_a_province_that_names_no_city_is_set_aside_loudly(tmp_path):
    text = "地区,年份\n海南省,2012\n吉林市,2012\n陕西省,2010\n重庆市,2010\n"
    report, rows = read(tmp_path, {"低碳试点.csv": text})
    assert sorted(rows.city_code) == ["220200", "460000", "500000", "610000"]
    [doubt] = report.sources[0].doubts
    assert "2 provinces among the pilots, 海南省 (4 cities), 陕西省 (10 cities)" in doubt
    assert "of 14 cities" in doubt and "write `海南省(全省)`" in doubt


def test_cities_with_blanks_between_are_several(tmp_path):
    text = "年份,城市\n2012,北京 天津\n2013,太原\n2013,河北 石家庄\n"
    _, rows = read(tmp_path, {"智慧城市试点.csv": text})
    assert sorted(rows.city_code) == [BEIJING, TIANJIN, "130100", TAIYUAN]
