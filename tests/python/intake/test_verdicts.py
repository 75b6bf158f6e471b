"""`check-data` judges rows as a build does: what it calls ready, the raw gate lets pass."""

from pathlib import Path

import pandas as pd
import pytest

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
    rows.append((None, "河北省", None, None))
    text, is_ready = report(rows, tmp_path)
    assert is_ready
    assert "Rows set aside, of places that are no city of the study or of no sector: 7" in text
    assert "yearbook.csv, 2 rows, the first row 22: 222400 延边朝鲜族自治州" in text
    assert "yearbook.csv, 2 rows, the first row 24: 320583 昆山市" in text
    assert "yearbook.csv, 1 row, the first row 28: 130000 河北省" in text
    assert "Rows rejected" not in text
    assert "Coverage of city_yearbook: 10 cities" in text


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
