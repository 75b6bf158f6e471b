"""A study with its own list of places: codes of letters, no provinces, its own series."""

import pandas as pd
import pytest

from support.seeds import study_of, write_seeds
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.intake.checking.series_users import raw_problems
from urban_resilience.intake.prepare import prepare
from urban_resilience.intake.recognition import sources
from urban_resilience.intake.vocabulary.cities import resolve
from urban_resilience.intake.vocabulary.own_codes import has_own_codes
from urban_resilience.shared.database import connect
from urban_resilience.shared.project import ROOT
from urban_resilience.shared.study import seeds_of_places

REGIONS = {"AL01": "Veri", "AT11": "Burgenland", "DE60": "Hamburg", "FR10": "Île de France"}
STATES = {f"{number:02d}": name for number, name in enumerate(["Alabama", "Alaska", "Utah"], 1)}
GDP = {
    "table_name": "city_yearbook",
    "column_name": "gdp_million_eur",
    "name_en": "Gross domestic product",
    "dimension": "eur",
    "unit": "million_eur",
    "description": "Gross domestic product at current prices, million euros.",
    "evidence": "invented",
}
SEEDS_OF_SERIES = ("measure_inputs", "accounting_rules", "cell_decisions", "data_expectations")


def of_places(places: dict[str, str]):
    """Change the seeds to those of a study about these places."""

    def cities(_):
        return [{"city_code": code, "city_name_en": name} for code, name in places.items()]

    emptied = {*seeds_of_places(ROOT / "seeds"), *SEEDS_OF_SERIES} - {"cities", "raw_columns"}
    changes = {name: lambda rows: [] for name in emptied}
    return {**changes, "cities": cities, "raw_columns": lambda rows: [GDP]}


@pytest.fixture
def regions(tmp_path):
    with study_of(write_seeds(tmp_path / "seeds", of_places(REGIONS))):
        yield


@pytest.fixture
def states(tmp_path):
    with study_of(write_seeds(tmp_path / "seeds", of_places(STATES))):
        yield


def test_a_code_that_elsewhere_is_a_mark_is_a_code(tmp_path, monkeypatch):
    places = {"ND": "North Dakota", "NA": "Namibia", "OH": "Ohio"}
    rows = [(code, 2010, 5.5) for code in ("ND", "na", "OH", "nil", "")]
    raw = tmp_path / "raw"
    raw.mkdir()
    table = pd.DataFrame(rows, columns=["city_code", "year", "gdp_million_eur"])
    table.to_csv(raw / "city_yearbook.csv", index=False)
    with study_of(write_seeds(tmp_path / "seeds", of_places(places))):
        for size in (sources.STREAMED_BYTES, 0):
            monkeypatch.setattr(sources, "STREAMED_BYTES", size)
            prepare(raw, tmp_path / f"contract_{size}")
            read = pd.read_parquet(tmp_path / f"contract_{size}" / "city_yearbook.parquet")
            assert read["city_code"].tolist()[:3] == ["ND", "NA", "OH"]
            assert read["city_code"].isna().tolist()[3:] == [True, True]


def test_the_shipped_codes_are_read_as_ever():
    assert not has_own_codes()
    assert resolve("110000", None).code == "110000"
    assert resolve("1100", None).note == "4 digits"


@pytest.mark.parametrize(
    ("code", "name", "found"),
    [
        ("AT11", None, "AT11"),
        (" at11 ", "Burgenland", "AT11"),
        (None, "Île de France", "FR10"),
        ("hamburg", None, "DE60"),
        ("UKI3", None, "UKI3"),
    ],
)
def test_a_code_of_letters_is_compared_as_it_is(regions, code, name, found):
    city = resolve(code, name)
    assert (city.code, city.reason) == (found, "")


def test_a_code_beside_the_name_of_another_place_is_a_contradiction(regions):
    assert resolve("AT11", "Hamburg").reason == "code AT11 is not that of Hamburg (DE60)"


def test_a_code_that_a_spreadsheet_took_for_a_number_is_known(states):
    assert [resolve(code, None).code for code in ("1", "02", "3.0")] == ["01", "02", "03"]
    assert resolve("4", None).code == "4"


def test_a_folder_of_regions_is_read_and_judged(regions, tmp_path):
    assert raw_problems() == []
    rows = pd.DataFrame(
        [
            {"city_code": code, "year": year, "Gross domestic product (million_eur)": 100.5 + year}
            for code in (*REGIONS, "XX99")
            for year in range(2008, 2018)
        ]
    )
    rows.loc[3, "city_code"] = "al01"
    (tmp_path / "raw").mkdir()
    rows.to_csv(tmp_path / "raw" / "regions.csv", index=False)
    report = prepare(tmp_path / "raw", tmp_path / "out")
    assert report.tables == {"city_yearbook": 50}
    with connect() as connection:
        project = ProjectSql(connection, tmp_path / "out")
        judged = connection.sql(f"from {project.relation('base_yearbook__city_years')}").df()
        staged = connection.sql(f"from {project.relation('stg_yearbook__city_years')}").df()
    assert judged["rule"].value_counts().to_dict() == {"unknown_city": 10}
    assert set(judged.loc[judged["rule"].notna(), "city_code"]) == {"XX99"}
    assert list(staged.columns) == ["city_code", "city_name_zh", "year", "gdp_million_eur"]
    assert staged.groupby("city_code").size().to_dict() == dict.fromkeys(REGIONS, 10)
    text, _ = check(tmp_path / "raw")
    assert "Coverage of city_yearbook: 4 cities, 2008 to 2017" in text
