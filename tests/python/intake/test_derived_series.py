"""Series derived from others: hand arithmetic, NumPy beside the SQL, what a check says of them."""

import re

import numpy as np
import pandas as pd
import pytest

from support.seeds import study_of, write_seeds
from urban_resilience.formulas.derived_series import derive_series
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.checking.coverage import YEARBOOK
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.intake.checking.series_users import raw_problems
from urban_resilience.intake.prepare import prepare
from urban_resilience.shared.database import connect
from urban_resilience.shared.project import seed_rows
from urban_resilience.variables.catalog import catalog
from urban_resilience.variables.checked_variables import variable_problems
from urban_resilience.variables.derived_series import Derivation, compile_rows

CITIES = ("130100", "130200", "130300")
YEARS = (2010, 2011, 2012, 2013)


def cells_of(raw, out, model="int_yearbook_cells_interpolated") -> pd.DataFrame:
    """Cells of the warehouse's own model on a folder, without dbt."""
    prepare(raw, out)
    with connect() as connection:
        return connection.sql(f"from {ProjectSql(connection, out).relation(model)}").df()


def written(folder, years=YEARS, **columns) -> None:
    rows = pd.MultiIndex.from_product([CITIES, years], names=["city_code", "year"])
    frame = pd.DataFrame(index=rows).reset_index()
    folder.mkdir()
    frame.assign(**columns).to_csv(folder / "city_yearbook.csv", index=False)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Three cities in four years: what each derived cell must be is plain from the numbers."""
    folder = tmp_path_factory.mktemp("toy")
    first = [True] * 4 + [False] * 8
    # The first city has GDP and shares; the second GDP a head; the third the parts of everything.
    written(
        folder / "raw",
        gdp_100m_yuan=[1000, 1100, None, 1300, *[None] * 8],
        secondary_output_100m_yuan=[None, 600, None, None, *[None] * 4, 50, 50, 50, 50],
        tertiary_output_100m_yuan=[*[None] * 8, 30, 30, 30, None],
        primary_output_100m_yuan=[*[None] * 8, 20, 20, 20, 20],
        secondary_share_percent=[40, 50, 45, 60, *[None] * 8],
        gdp_per_capita_yuan=[*[None] * 4, 50_000, 50_000, 50_000, None, *[None] * 4],
        residents_10k=[*[None] * 4, 200, None, None, 200, *[None] * 4],
        registered_population_10k=[*[None] * 4, 100, 100, None, 100, *[None] * 4],
        unit_employed_10k=[10 if there else None for there in first],
        private_employed_10k=[20, 20, 20, None, *[None] * 8],
    )
    cells = cells_of(folder / "raw", folder / "out")
    return cells.set_index(["series", "city_code", "year"])[["value", "imputation_code"]]


SHARE, HEAD, PARTS = "derived_from_share", "derived_from_per_head", "derived_from_parts"


@pytest.mark.parametrize(
    ("series", "city", "values", "codes"),
    [
        # 1000 x 0.40; supplied; no GDP in 2012: on the line from 600 to 1300 x 0.60 = 780.
        ("secondary_output_100m_yuan", 0, [400, 600, 690, 780],
         [SHARE, "observed", "interpolated", SHARE]),
        # 50,000 yuan x 2 million; of 1 million registered where residents are not known.
        ("gdp_100m_yuan", 1, [1000, 500, None, None],
         [HEAD, "derived_from_per_head_registered", "missing_edge", "missing_edge"]),
        ("gdp_100m_yuan", 2, [100, 100, 100, None], [PARTS] * 3 + ["missing_edge"]),
        ("employed_persons_10k", 0, [30, 30, 30, None], [PARTS] * 3 + ["missing_edge"]),
        # Residents do not stand in unless the study says so.
        ("registered_population_10k", 1, [100, 100, 100, 100],
         ["observed", "observed", "interpolated", "observed"]),
    ],
)  # fmt: skip
def test_cells_by_hand(toy, series, city, values, codes):
    found = toy.loc[series].loc[CITIES[city]]
    assert found["value"].tolist() == pytest.approx(
        [np.nan if value is None else value for value in values], nan_ok=True
    )
    assert found["imputation_code"].tolist() == codes


def test_what_series_are_derived_from_is_no_series_of_the_panel(toy):
    assert "secondary_share_percent" not in toy.index.get_level_values("series")


def test_residents_stand_in_only_where_the_study_says_so(tmp_path):
    def say_so(rows):
        return [
            {**row, "value": "true"} if row["setting"] == "residents_stand_in" else row
            for row in rows
        ]

    folder = write_seeds(tmp_path / "seeds", {"study_settings": say_so})
    written(tmp_path / "raw", residents_10k=100.0, registered_population_10k=[50] + [None] * 11)
    with study_of(folder):
        cells = cells_of(tmp_path / "raw", tmp_path / "out")
    cells = cells[cells["series"] == "registered_population_10k"]
    assert set(cells["value"]) == {50.0, 100.0}
    assert cells["imputation_code"].value_counts().to_dict() == {
        "stands_in_residents": 11,
        "observed": 1,
    }


def test_a_decided_cell_is_not_derived_and_a_decided_figure_is_derived_from(tmp_path):
    decisions = [
        ("130100", "2010", "gdp_100m_yuan", "replace", "2000"),
        ("130100", "2011", "gdp_100m_yuan", "blank", ""),
        ("130100", "2012", "secondary_output_100m_yuan", "blank", ""),
    ]
    names = ("city_code", "year", "series", "action", "value")
    rest = {"condition": "always", "applies_to": "supplied", "reason": "known", "decided_by": "ann"}
    rows = [dict(zip(names, row, strict=True)) | rest for row in decisions]
    folder = write_seeds(tmp_path / "seeds", {"cell_decisions": lambda _: rows})
    written(tmp_path / "raw", gdp_100m_yuan=1000.0, secondary_share_percent=40.0)
    with study_of(folder):
        cells = cells_of(tmp_path / "raw", tmp_path / "out")
    found = cells[
        (cells["series"] == "secondary_output_100m_yuan") & (cells["city_code"] == "130100")
    ]
    found = found.set_index("year")[["value", "imputation_code"]]
    assert found.loc[2010].tolist() == [800.0, SHARE]
    # Nothing comes from a blanked figure, and a blanked cell is a gap: from 800 down to 400.
    assert found.loc[2011].tolist() == [pytest.approx(800 - 400 / 3), "interpolated"]
    assert found.loc[2012].tolist() == [pytest.approx(800 - 800 / 3), "blanked"]
    assert found.loc[2013].tolist() == [400.0, SHARE]


def test_sql_agrees_with_numpy(tmp_path):
    rng = np.random.default_rng(20)
    rows = [row for row in seed_rows("derived_series") if not row["only_if"]]
    words = set(
        re.findall(r"\w+", " ".join(row["expression"] + " " + row["series"] for row in rows))
    )
    series = [r["column_name"] for r in seed_rows("raw_columns") if r["table_name"] == YEARBOOK]
    read = [name for name in series if name in words]
    years = range(2005, 2017)
    shape = (len(CITIES), len(years))
    grids = {name: rng.uniform(10, 60, shape) for name in read}
    for grid in grids.values():
        grid[rng.random(shape) < 0.4] = np.nan
    written(tmp_path / "raw", years, **{name: grid.ravel() for name, grid in grids.items()})
    cells = cells_of(tmp_path / "raw", tmp_path / "out", "int_yearbook_cells_derived")
    filled, codes = derive_series(grids, rows)
    expected = {
        (name, CITIES[city], years[year]): (filled[name][city, year], codes[name][city, year])
        for name in codes
        for city, year in zip(*np.nonzero(codes[name] != None), strict=True)  # noqa: E711
    }
    actual = {
        (row.series, row.city_code, row.year): (row.derived_value, row.imputation_code)
        for row in cells.itertuples()
    }
    assert len(actual) > 20 and actual.keys() == expected.keys()
    for key, (value, code) in expected.items():
        assert actual[key] == (pytest.approx(value, rel=1e-12), code), key


def test_a_check_counts_and_says_what_is_derived(tmp_path):
    written(
        tmp_path / "raw",
        gdp_100m_yuan=1000.0,
        secondary_share_percent=[40.0, None] * 6,
        residents_10k=100.0,
    )
    text, ready = check(tmp_path / "raw")
    assert ready
    derived = " ".join(text.split("Derived")[1].split("Coverage")[0].split())
    assert "secondary_output_100m_yuan: 6 cells, 2010 to 2012," in derived
    assert "set `residents_stand_in` to true in study_settings" in derived
    missing = text.split("Missing")[1].split("Derived")[0]
    assert "secondary_output_100m_yuan" not in missing and "share_percent" not in missing
    coverage = {line.split()[0]: line.split()[2:] for line in text.splitlines() if "_100m_" in line}
    assert coverage["secondary_output_100m_yuan"] == ["100", ".", "100", "."]


def test_a_supplied_figure_against_its_share_is_suspicious(tmp_path):
    written(
        tmp_path / "raw",
        gdp_100m_yuan=1000.0,
        secondary_output_100m_yuan=[400.0] * 11 + [700.0],
        secondary_share_percent=40.0,
    )
    cells = cells_of(tmp_path / "raw", tmp_path / "out", "int_yearbook_cells_judged")
    assert cells[["city_code", "year", "rule", "action"]].values.tolist() == [
        ["130300", 2013, "output_beside_its_share", "none"]
    ]


def test_a_share_that_is_a_fraction_is_suspicious(tmp_path):
    # 0.4 under a header of percent would make four thousandths of GDP of the sector.
    written(
        tmp_path / "raw",
        gdp_100m_yuan=1000.0,
        secondary_share_percent=[40.0] * 10 + [0.4, 140.0],
        primary_share_percent=0.1,
    )
    cells = cells_of(tmp_path / "raw", tmp_path / "out", "int_yearbook_cells_judged")
    broken = cells[cells["rule"].str.contains("share_out_of_range")]
    assert sorted(broken[["city_code", "year", "series"]].values.tolist()) == [
        ["130300", 2012, "secondary_share_percent"],
        ["130300", 2013, "secondary_share_percent"],
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"series": "secondary"}, "series: there is no 'secondary'"),
        ({"expression": "gdp_100m_yuan *"}, "expression: "),
        ({"expression": "gdp_100m * 2"}, "'gdp_100m' is no name of the study"),
        ({"expression": "resi * 2"}, "of a index nothing is derived"),
        ({"expression": "gdp_100m_yuan > 2"}, "it gives boolean, a series is a number"),
        ({"imputation_code": "guessed"}, "imputation_code is 'guessed'"),
        ({"only_if": "residents"}, "only_if is 'residents'"),
        ({"name": "select"}, "is a word of SQL"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(change, fault):
    sound = {
        "name": "made", "series": "secondary_output_100m_yuan", "expression": "gdp_100m_yuan / 2",
        "imputation_code": "derived_by_half", "only_if": "", "position": 1,
    }  # fmt: skip
    settings = {"residents_stand_in": "false"}
    sources = catalog(with_auxiliary=True)
    assert not compile_rows([Derivation(**sound)], sources, settings).faults
    [(_, said), *_] = compile_rows([Derivation(**(sound | change))], sources, settings).faults
    assert fault in said


def test_a_faulty_row_stops_a_check_and_a_build(tmp_path):
    def spoil(rows):
        return [{**rows[0], "expression": "nothing * 2"}, *rows[1:]]

    with study_of(write_seeds(tmp_path / "seeds", {"derived_series": spoil})):
        [problem] = variable_problems()
    assert "residents_for_registered: expression: 'nothing' is no name" in str(problem)
    assert raw_problems() == []
