"""Planted slips are found and blanked, ordinary cells are left alone, decisions are obeyed."""

import numpy as np
import pandas as pd
import pytest

from support.dbt import run_dbt
from support.project import add_row, copy_project
from support.raw import load, save
from support.warehouse import Warehouse
from urban_resilience.formulas.cell_decisions import suspicious_cells
from urban_resilience.formulas.panel import city_year_axes, to_grid

pytestmark = pytest.mark.slow

KEYS = ["city_code", "city_name_zh", "year"]
# Indices cannot slip far without leaving 50 to 150; foreign investment jumps by itself.
NOT_PLANTED = ["cpi_prev_year_100", "gdp_index_prev_year_100", "fdi_used_million_usd", "new_firms"]
FACTORS = (10.0, 100.0, 1e3, 1e4, 1e-1, 1e-2, 1e-3, 1e-4)
PER_FACTOR = 60
SELECTED = (
    "build",
    *("--select", "+fct_suspicious_cells", "+fct_imputations", "--exclude", "dq_raw"),
    *("--exclude-resource-type", "unit_test"),
    *("--indirect-selection", "buildable"),
)


def plant(yearbook: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Multiply cells by powers of ten, at most one per city and series; return what was done."""
    random = np.random.default_rng(5)
    yearbook = yearbook.sort_values(["city_code", "year"], ignore_index=True)
    long = yearbook.drop(columns=NOT_PLANTED).melt(KEYS, var_name="series").dropna()
    long = long[long["value"] > 0]
    # Two years on one side are the least to compare with, four on both together the rule.
    cells = long.groupby(["city_code", "series"]).filter(lambda group: len(group) >= 5)
    one_each = cells.sample(frac=1, random_state=random).drop_duplicates(["city_code", "series"])
    # One to a city-year: several would be a row in another unit.
    chosen = one_each.drop_duplicates(["city_code", "year"]).head(len(FACTORS) * PER_FACTOR)
    chosen = chosen.assign(factor=np.resize(FACTORS, len(chosen)))
    rows = yearbook.reset_index().set_index(["city_code", "year"])["index"]
    for cell in chosen.itertuples():
        yearbook.loc[rows[cell.city_code, cell.year], cell.series] *= cell.factor
    return yearbook, chosen


@pytest.fixture(scope="module")
def planted(data_set, request, tmp_path_factory):
    raw = request.getfixturevalue(f"{data_set}_raw")
    yearbook, chosen = plant(load(raw)["city_yearbook"])
    folder = tmp_path_factory.mktemp(f"slips_{data_set}")
    run = run_dbt(
        *SELECTED,
        raw=save({"city_yearbook": yearbook}, folder / "raw"),
        workspace=folder,
    )
    found = Warehouse(run.warehouse).frame("select * from quality.fct_suspicious_cells")
    keys = ["city_code", "year", "series"]
    return chosen.merge(found[[*keys, "action"]], on=keys, how="left")


def test_planted_slips_are_found(planted):
    caught = planted.groupby("factor")["action"].agg(lambda action: action.notna().mean())
    assert (planted["factor"].value_counts() == PER_FACTOR).all()
    far = np.abs(np.log10(caught.index)) >= 2
    assert (caught[far] >= 0.98).all(), caught
    assert (caught[~far] >= 0.9).all(), caught


def test_slips_of_the_unit_are_blanked_and_smaller_ones_are_not(planted):
    is_far = np.abs(np.log10(planted["factor"])) >= 3
    blanked = planted["action"] == "blanked"
    assert blanked[is_far].mean() >= 0.8, planted[is_far]["action"].value_counts()
    assert not blanked[~is_far].any()


def test_few_ordinary_cells_are_flagged(study, warehouse, data_set):
    """At most 1%, and the same cells as in NumPy; of clean simulated ones none."""
    flagged = warehouse.frame(
        "select city_code, year, series from quality.fct_suspicious_cells "
        "where rule like '%neighbouring_years%'"
    )
    cells = sum(int(np.isfinite(grid).sum()) for grid in study.supplied.values())
    every = warehouse.value("select count(*) from quality.fct_suspicious_cells")
    assert every <= 0.01 * cells
    axes = study.axes
    expected = {
        (axes.city_codes[row], axes.years[column], name)
        for name, grid in study.supplied.items()
        for row, column in zip(*np.nonzero(suspicious_cells(grid)), strict=True)
    }
    assert set(flagged.itertuples(index=False, name=None)) == expected
    assert bool(expected) == (data_set == "real")


def test_the_absurd_cells_of_the_real_data_are_found(real_warehouse):
    found = Warehouse(real_warehouse).frame(
        "select city_code, year, action, rule from quality.fct_suspicious_cells "
        "where series = 'registered_unemployed_persons' and action = 'blanked' order by 1"
    )
    assert found.to_dict("records") == [
        {"city_code": code, "year": year, "action": "blanked", "rule": "neighbouring_years"}
        for code, year in (("320700", 2013), ("350400", 2019))
    ]


# --- decisions ------------------------------------------------------------------------------------


def decision(yearbook, **values):
    """A decision about a cell in the middle of the first city."""
    plain = {
        "city_code": yearbook["city_code"].min(),
        "year": 2012,
        "series": "gdp_100m_yuan",
        "condition": "always",
        "applies_to": "supplied",
        "reason": "told so",
        "decided_by": "ann",
        "evidence": "none",
    }
    return {**plain, **values}


BAD = {
    "unknown city": ({"city_code": "999999", "action": "blank"}, "city_code is not in seed cities"),
    "unknown series": ({"series": "gdp", "action": "blank"}, "series is no column"),
    "unknown action": ({"action": "delete"}, "unknown action 'delete'"),
    "no row": ({"year": 1999, "action": "blank"}, "has no row of this city and year"),
    "no value": ({"year": 2013, "action": "replace"}, "a value goes with action replace"),
}


@pytest.fixture(scope="module")
def decided(small_files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("decisions")
    yearbook = small_files["city_yearbook"]
    raw = save({"city_yearbook": yearbook}, folder / "raw")
    good, bad = (copy_project(folder / name / "project") for name in ("good", "bad"))
    add_row(good, "cell_decisions", **decision(yearbook, action="replace", value=77.5))
    add_row(good, "cell_decisions", **decision(yearbook, year=2014, action="blank"))
    add_row(good, "cell_decisions", **decision(yearbook, year=2016, action="accept"))
    for change, _ in BAD.values():
        add_row(bad, "cell_decisions", **decision(yearbook, **change))
    return {
        project.parent.name: run_dbt(
            *SELECTED, raw=raw, workspace=project.parent, project=project, check=False
        )
        for project in (good, bad)
    }


def test_decisions_take_effect_before_gaps_are_filled(decided, small_files):
    assert decided["good"].returncode == 0, decided["good"].tail
    warehouse = Warehouse(decided["good"].warehouse)
    yearbook = small_files["city_yearbook"]
    axes = city_year_axes(yearbook)
    supplied = to_grid(yearbook, "gdp_100m_yuan", axes)[0]
    at = {year: supplied[axes.years.index(year)] for year in (2012, 2013, 2014, 2015)}
    query = "select * from panel.fct_imputations where decision_reason is not null order by year"
    rows = warehouse.frame(query)
    assert rows["imputation_code"].tolist() == ["replaced", "blanked"]
    assert rows["decision_reason"].tolist() == ["told so", "told so"]
    np.testing.assert_allclose(rows["supplied_value"], [at[2012], at[2014]])
    np.testing.assert_allclose(rows["value"], [77.5, (at[2013] + at[2015]) / 2])
    listed = warehouse.frame(
        "select action from quality.fct_suspicious_cells where decided_by = 'ann' order by year"
    )
    assert listed["action"].tolist() == ["replaced", "blanked", "accepted"]


@pytest.mark.parametrize("fault", BAD)
def test_a_decision_about_nothing_is_named(decided, fault):
    run = decided["bad"]
    assert run.returncode != 0
    change, words = BAD[fault]
    lines = [line for line in run.output.splitlines() if words in line]
    assert lines, run.tail
    assert "Seed cell_decisions, " in lines[0]
    assert str(next(iter(change.values()))) in lines[0] or fault in ("unknown action",)
