"""`check-data` judges rows as a build does: what it calls ready, the raw gate lets pass."""

from pathlib import Path

import pandas as pd
import pytest

from support.seeds import study_of, write_seeds
from support.study import seed
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.checking.project_sql import ProjectError, ProjectSql
from urban_resilience.shared.database import connect

NAMES = ("行政区划代码", "城市", "年份", "地区生产总值(亿元)")


def cities(count: int, *years: int) -> list[tuple]:
    """Sound rows of the first cities of the seed."""
    known = list(seed("cities").itertuples())[:count]
    return [
        (city.city_code, city.city_name_zh, year, 1000.0 + 10 * place + year - 2008)
        for place, city in enumerate(known)
        for year in years
    ]


def report(rows: list[tuple], folder: Path, names: tuple[str, ...] = NAMES) -> tuple[str, bool]:
    pd.DataFrame(rows, columns=list(names)).to_csv(folder / "yearbook.csv", index=False)
    return check(folder)


@pytest.mark.thorough
def test_places_outside_the_study_are_listed_and_stop_nothing(tmp_path):
    rows = cities(10, 2008, 2009)
    for code, name in (("222400", "延边朝鲜族自治州"), ("320583", "昆山市"), ("341400", "巢湖市")):
        rows += [(code, name, 2008, 100.0), (code, name, 2009, 110.0)]
    rows.append((None, "河北省", 2008, 900.0))
    text, is_ready = report(rows, tmp_path)
    assert is_ready
    assert "Rows set aside, of places that are no city of the study or of no sector: 7" in text
    assert "yearbook.csv, 2 rows, the first row 22: 222400 延边朝鲜族自治州" in text
    assert "yearbook.csv, 2 rows, the first row 24: 320583 昆山市" in text
    assert "yearbook.csv, 1 row, the first row 28: 130000 河北省" in text
    assert "Rows rejected" not in text
    assert "Coverage of city_yearbook: 10 cities" in text


def panel(count: int, years: range, **series) -> pd.DataFrame:
    """Rows of the first cities of the seed by name; a series is a function of city and year."""
    known = list(seed("cities").itertuples())[:count]
    return pd.DataFrame(
        {"城市": city.city_name_zh, "年份": year, **{n: f(at, year) for n, f in series.items()}}
        for at, city in enumerate(known)
        for year in years
    )


STOPPED = {
    # What a build would stop for, once all rows are judged sound.
    "yearbook_columns_have_their_unit": (
        {"gdp_100m_yuan": lambda at, _: 55000 + 550 * at},
        "column `gdp_100m_yuan`: its median, 62,975, is not between 20 and 60,000",
    ),
    "gdp_100m_yuan_is_mostly_plausible": (
        {"GDP(亿元)": lambda at, _: 3 if at < 10 else 1000 + at},
        "Found in 40 of 120 values, such as 110000 2010 3.0",
    ),
    "hardly_any_sectors_above_gdp": (
        {
            "GDP(亿元)": lambda at, _: 1000 + at,
            "第二产业增加值(亿元)": lambda at, _: 700 + at,
            "第三产业增加值(亿元)": lambda at, _: 700 + at,
        },
        "Secondary and tertiary output exceed GDP",
    ),
}


@pytest.mark.parametrize("rule", STOPPED)
def test_what_the_raw_gate_stops_is_not_ready(tmp_path, rule):
    series, said = STOPPED[rule]
    panel(30, range(2010, 2014), **series).to_csv(tmp_path / "panel.csv", index=False)
    text, is_ready = check(tmp_path)
    assert not is_ready
    assert said in text


def crowded_panel(wage: bool) -> pd.DataFrame:
    """A city with the built-up area for its land: too few cells for the column to look wrong."""
    rows = panel(
        60,
        range(2010, 2014),
        **{
            "年末户籍人口(万人)": lambda at, _: 400 + at,
            "行政区域土地面积(平方公里)": lambda at, _: 25 if at == 7 else 9000 + at,
            "在岗职工平均工资(元)": lambda at, year: 30000 + at + year,
        },
    )
    if not wage:
        rows.loc[rows["城市"] == rows["城市"].unique()[7], "在岗职工平均工资(元)"] = None
    return rows


def test_a_variable_that_cannot_be_is_not_ready(tmp_path):
    crowded_panel(wage=True).to_csv(tmp_path / "panel.csv", index=False)
    text, is_ready = check(tmp_path)
    assert not is_ready
    assert "`pop` = ln(registered_population_10k * 10000 / land_area_km2): Log persons" in text
    assert "Found in 4 of 240 values, such as 130600 2010 12." in text
    assert "1 problem to solve" in text


def test_cities_that_are_dropped_stop_nothing(tmp_path):
    crowded_panel(wage=False).to_csv(tmp_path / "panel.csv", index=False)
    text, is_ready = check(tmp_path)
    assert is_ready, text
    assert "Not foreseen: how far it is from what is published" in text


def test_flows_in_another_unit_than_output_are_not_ready(tmp_path):
    panel(30, range(2010, 2014), **{"GDP(亿元)": lambda at, _: 1000 + at}).to_csv(
        tmp_path / "panel.csv", index=False
    )
    sectors = list(seed("sectors")["sector"])
    flows = pd.DataFrame(
        (year, supplier, user, 0.001)
        for year in (2010, 2011)
        for supplier in sectors
        for user in sectors
    )
    flows.columns = ["year", "supplying_sector", "using_sector", "value_million_usd"]
    flows.to_csv(tmp_path / "input_output_flows.csv", index=False)
    output = pd.DataFrame((year, sector, 1000.0) for year in (2010, 2011) for sector in sectors)
    output.columns = ["year", "sector", "gross_output_million_usd"]
    output.to_csv(tmp_path / "industry_output.csv", index=False)
    text, is_ready = check(tmp_path)
    assert not is_ready
    assert "inputs_are_no_thousandth_of_output" in text


def test_a_column_that_jumps_is_not_ready(tmp_path):
    rows = panel(
        60, range(2010, 2020), **{"GDP(亿元)": lambda at, y: 1000 + at if (y + at) % 4 else 30000}
    )
    rows.to_csv(tmp_path / "panel.csv", index=False)
    text, is_ready = check(tmp_path)
    assert not is_ready
    assert "240 of 600 cells are far from the city's own years" in text


def test_a_decision_about_a_cell_that_is_not_there_is_not_ready(tmp_path):
    decision = {
        "city_code": "130100", "year": "1990", "series": "gdp_100m_yuan", "action": "blank",
        "condition": "always", "applies_to": "supplied", "reason": "known", "decided_by": "ann",
    }  # fmt: skip
    folder = write_seeds(tmp_path / "seeds", {"cell_decisions": lambda _: [decision]})
    (tmp_path / "raw").mkdir()
    rows = panel(30, range(2010, 2014), **{"GDP(亿元)": lambda at, _: 1000 + at})
    rows.to_csv(tmp_path / "raw" / "panel.csv", index=False)
    with study_of(folder):
        text, is_ready = check(tmp_path / "raw")
    assert not is_ready
    assert "130100 1990 gdp_100m_yuan: city_yearbook has no row of this city and year" in text


def test_all_faults_are_said_at_once(tmp_path):
    rows = panel(30, range(2010, 2014), **{"GDP(亿元)": lambda at, _: 3 if at < 10 else 1000 + at})
    strange = [
        {"城市": f"某{n}市", "年份": y, "GDP(亿元)": 9.0} for n in "甲乙丙" for y in (2010, 2011)
    ]
    more = pd.DataFrame([*strange, *strange]).assign(年份=range(2000, 2012))
    pd.concat([rows, more]).to_csv(tmp_path / "panel.csv", index=False)
    (tmp_path / "platform_members.csv").write_text("城市,年份\n石家庄市,2012\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_bytes(b"")
    text, is_ready = check(tmp_path)
    assert not is_ready
    for words in (
        "empty.csv: the file is empty.",
        "platform_members.csv: as platform_members it lacks",
        "panel.csv: 12 of 132 rows are rejected",
        "Found in 40 of 120 values",
    ):
        assert words in text
    assert "4 problems to solve" in text


def test_rows_of_one_kind_are_one_line(tmp_path):
    rows = panel(30, range(2010, 2014), **{"GDP(亿元)": lambda at, _: 1000 + at})
    strange = ("某某市", "甲乙市", "丙丁市", "2010安徽省")
    outside = ("延边朝鲜族自治州", "凉山彝族自治州", "河北省", "昆山市", "巢湖市", "全国合计")
    more = [{"城市": name, "年份": 2010, "GDP(亿元)": 5} for name in (*strange, *outside)]
    pd.concat([rows, pd.DataFrame(more)]).to_csv(tmp_path / "panel.csv", index=False)
    text, is_ready = check(tmp_path)
    plain = " ".join(text.split())
    assert is_ready
    assert "4 rows, the first row 122: city_code '某某市' is not in seed cities" in plain
    assert "So too: 甲乙市, 丙丁市, 2010安徽省" in plain
    assert "222400 延边朝鲜族自治州, 513400 凉山彝族自治州 (leagues, regions and the like)" in plain
    for kind in ("(provinces)", "(counties and districts)", "(former cities)", "(totals, headings"):
        assert kind in plain


def test_a_series_is_said_once_and_those_that_lack_are_counted(tmp_path):
    rows = panel(30, range(2010, 2014), **{"GDP(亿元)": lambda at, _: 1000 + at})
    notes = {f"备注{n}": "x" for n in range(40)}
    rows.assign(**notes).to_csv(tmp_path / "panel.csv", index=False)
    text, _ = check(tmp_path)
    assert "28 other series have no figure" in text
    assert " .    ." not in text
    assert "ignored: 40 columns, unknown: 备注0, 备注1" in text
    assert "备注39" in text


@pytest.mark.thorough
@pytest.mark.parametrize(("n_faulty", "is_ready"), [(3, True), (4, False)])
def test_faulty_rows_count_against_the_rows_of_the_study(tmp_path, n_faulty, is_ready):
    # Three single rows never are too many; four are more than 5% of 64, whatever is set aside.
    rows = cities(30, 2008, 2009) + [("320583", "昆山市", year, 9.0) for year in range(1980, 2010)]
    rows += [("990000", "某地", 2000 + place, 5.0) for place in range(n_faulty)]
    text, ready = report(rows, tmp_path)
    assert ready == is_ready
    assert f"Rows rejected: {n_faulty}" in text
    if not is_ready:
        assert f"yearbook.csv: 4 of {len(rows)} rows are rejected and 30 set aside" in text
        assert "'990000' is not in seed cities" in text


@pytest.mark.thorough
def test_a_folder_without_any_known_city_is_refused(tmp_path):
    rows = [
        (f"{year}{name}", name, year, 5.0) for year in (2010, 2011) for name in ("甲省", "乙省")
    ]
    text, is_ready = report(rows, tmp_path)
    assert not is_ready
    assert "4 of 4 rows are rejected" in text
    assert "Coverage" not in text


@pytest.mark.thorough
def test_a_folder_of_counties_alone_is_refused(tmp_path):
    rows = [("320583", "昆山市", 2010, 2100.0), ("330782", "义乌市", 2010, 600.0)]
    text, is_ready = report(rows, tmp_path)
    assert not is_ready
    assert "0 of 2 rows are rejected and 2 set aside" in text


@pytest.mark.thorough
def test_names_of_two_cities_are_counted_before_the_build(tmp_path):
    rows = [("Suzhou", year, 5.0) for year in range(2000, 2010)]
    rows += [("Hohhot", 2000, 5.0), ("Huhehaote", 2001, 5.0)]
    text, is_ready = report(rows, tmp_path, ("City", "Year", "GDP (100 million yuan)"))
    assert not is_ready
    assert "10 of 12 rows are rejected" in text
    assert "苏州市 (320500) or 宿州市 (341300)" in text


@pytest.mark.thorough
def test_rows_of_a_second_file_count_against_the_whole_of_it(tmp_path):
    rows = cities(20, 2008, 2009)
    heads = [*rows, ("990000", "某地", 2008, 450.0), ("990000", "某地", 2009, 451.0)]
    report(rows, tmp_path)
    named = pd.DataFrame(heads, columns=[*NAMES[:3], "年末户籍人口(万人)"])
    named.to_csv(tmp_path / "z_population.csv", index=False)
    text, is_ready = check(tmp_path)
    assert is_ready
    assert "Rows rejected: 2" in text


@pytest.mark.thorough
def test_what_the_project_does_not_have_is_an_error(tmp_path):
    cities_file = tmp_path / "city_yearbook.csv"
    cities_file.write_text("city_code,year\n110000,2010\n")
    with connect() as connection:
        project = ProjectSql(connection, tmp_path)
        assert project.relation("provinces") == "provinces"
        with pytest.raises(ProjectError, match="no_such_model"):
            project.relation("no_such_model")
        cities_file.unlink()
        with pytest.raises(ProjectError, match=r"No city_yearbook.parquet or .csv"):
            ProjectSql(connection, tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "input_output_flows.csv",
            "year,supplying_sector,using_sector,value_million_usd\n2010,D58T60,D61,1.5\n",
        ),
        ("industry_output.csv", "year,sector,gross_output_million_usd\n2010,D61,10.5\n"),
        (
            "policy_pilots.csv",
            "policy_id,city_code,batch,year,scope\nbroadband_china,350400,1,2014,full\n",
        ),
        ("platform_member_counts.csv", "city_code,industry_code,year,members\n350400,64,2010,5\n"),
    ],
)  # fmt: skip
def test_a_folder_without_a_yearbook_is_reported_all_the_same(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    said, is_ready = check(tmp_path)
    assert not is_ready and "is a city_yearbook" in said
    assert f"<- {name}" in said
