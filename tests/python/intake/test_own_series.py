"""An own series is a row of seed raw_columns and a column of a file: nothing else."""

import duckdb
import pandas as pd
import pytest

from support.command import run_command
from support.seeds import added, study_of, write_seeds
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.checking.project_sql import ProjectError, ProjectSql
from urban_resilience.intake.checking.series_users import raw_problems
from urban_resilience.intake.checking.suspicious import find_suspicious
from urban_resilience.intake.prepare import prepare
from urban_resilience.intake.template import write_templates
from urban_resilience.refresh.build import check_study
from urban_resilience.shared.database import connect
from urban_resilience.shared.problems import IntakeError

PM25 = {
    "table_name": "city_yearbook",
    "column_name": "pm25_ug_m3",
    "name_en": "Fine particles",
    "name_zh": "细颗粒物年均浓度",
    "dimension": "concentration",
    "unit": "ug_m3",
    "unit_zh": "微克/立方米",
    "lowest_median": "5",
    "highest_median": "200",
    "area_scope": "city",
    "description": "Yearly mean concentration of particles below 2.5 micrometres.",
    "evidence": "invented",
}
BALANCE = {
    "table_name": "city_yearbook",
    "column_name": "balance_million_eur",
    "name_en": "Public balance",
    "dimension": "eur",
    "unit": "million_eur",
    "may_be_negative": "true",
    "description": "Revenue less expenditure of the city in euros.",
    "evidence": "invented",
}
CITIES = {"110000": "Beijing", "120000": "Tianjin", "320500": "Suzhou (Jiangsu)"}
YEARS = range(2010, 2018)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study") / "seeds"
    write_seeds(folder, {"raw_columns": lambda rows: [*rows, PM25, BALANCE]})
    with study_of(folder):
        yield folder


def yearbook(**series) -> pd.DataFrame:
    rows = [{"city_code": code, "year": year} for code in CITIES for year in YEARS]
    frame = pd.DataFrame(rows)
    frame["gdp_100m_yuan"] = 1000.0 + 10 * (frame["year"] - 2010)
    return frame.assign(**{name: values for name, values in series.items()})


def particles() -> list[float | None]:
    """40, 41, ... in every city; a gap and a slip of the decimal point in the first."""
    values: list[float | None] = [40.0 + year - 2010 for _ in CITIES for year in YEARS]
    values[2], values[5] = None, 45_000.0
    return values


def written(folder, frames) -> None:
    folder.mkdir()
    for name, frame in frames.items():
        frame.to_csv(folder / name, index=False)


def staged(folder, out, *models) -> dict[str, pd.DataFrame]:
    """Prepare a folder and compute models of the project on it, without dbt."""
    prepare(folder, out)
    with connect() as connection:
        project = ProjectSql(connection, out)
        return {name: connection.sql(f"from {project.relation(name)}").df() for name in models}


CASES = {
    "a column by its name": lambda rows: {
        "yearbook.csv": rows.rename(columns={"pm25": "pm25_ug_m3"})
    },
    "a Chinese header with its unit": lambda rows: {
        "yearbook.csv": rows.rename(columns={"pm25": "细颗粒物年均浓度（微克/立方米）"})
    },
    "an English header without unit": lambda rows: {
        "yearbook.csv": rows.rename(columns={"pm25": "Fine Particles"})
    },
    "a file beside the yearbook": lambda rows: {
        "yearbook.csv": rows.drop(columns="pm25"),
        "air.csv": rows[["city_code", "year", "pm25"]].rename(columns={"pm25": "PM25_ug_m3"}),
    },
    "a long file beside the yearbook": lambda rows: {
        "yearbook.csv": rows.drop(columns="pm25"),
        "air.csv": rows[["city_code", "year"]].assign(
            indicator="Fine particles", value=rows["pm25"], unit="ug_m3"
        ),
    },
}


@pytest.mark.parametrize("case", CASES)
def test_an_own_series_is_read_in_any_layout(study, tmp_path, case):
    written(tmp_path / "raw", CASES[case](yearbook(pm25=particles())))
    rows = staged(tmp_path / "raw", tmp_path / "out", "stg_yearbook__city_years")
    staged_rows = rows["stg_yearbook__city_years"].sort_values(["city_code", "year"])
    expected = pd.Series(particles(), dtype=float).tolist()
    assert staged_rows["pm25_ug_m3"].tolist() == pytest.approx(expected, nan_ok=True)
    assert staged_rows["gdp_100m_yuan"].notna().all()


def test_an_own_series_is_judged_and_filled_like_the_shipped(study, tmp_path):
    rows = yearbook(pm25_ug_m3=particles(), balance_million_eur=-5.0)
    # Below zero: a fault of the concentration, not of the balance. And a cell that is no number.
    rows["pm25_ug_m3"] = rows["pm25_ug_m3"].astype(object)
    rows.loc[8, "pm25_ug_m3"] = -1
    rows.loc[16, "pm25_ug_m3"] = "much"
    written(tmp_path / "raw", {"yearbook.csv": rows})
    prepare(tmp_path / "raw", tmp_path / "out")
    with connect() as connection:
        project = ProjectSql(connection, tmp_path / "out")
        judged = connection.sql(f"from {project.relation('base_yearbook__city_years')}").df()
        verdicts = judged.set_index("source_row")["rule"].dropna()
        assert verdicts.to_dict() == {10: "negative", 18: "unreadable"}
        reasons = judged.set_index("source_row")["reason"].dropna()
        assert "`pm25_ug_m3` is negative (-1.0)" in reasons[10]
        assert "column `pm25_ug_m3`: 'much' is not a number" in reasons[18]

        # dbt loads the seed with its types.
        project.relation("cell_decisions")
        connection.execute("alter table cell_decisions alter value type double")
        connection.execute("alter table cell_decisions alter year type integer")
        cells = connection.sql(f"from {project.relation('int_yearbook_cells_interpolated')}").df()
    cells = cells[(cells["city_code"] == "110000") & (cells["series"] == "pm25_ug_m3")]
    filled = cells.set_index("year")[["value", "imputation_code"]]
    assert filled.loc[2012].tolist() == [42.0, "interpolated"]
    # A thousand times its neighbours: blanked as a slip, then a gap like any other.
    assert filled.loc[2015].tolist() == [45.0, "blanked"]


def test_a_revised_value_of_an_own_series_is_seen(study, tmp_path):
    (tmp_path / "city_yearbook.csv").write_text("city_code,year\n110000,2010\n")
    with connect() as connection:
        project = ProjectSql(connection, tmp_path)
        series = project.macro("yearbook_series")
        known = {"pm25_ug_m3": "unnest([40.0, 44.0])", "gdp_100m_yuan": "1000.0"}
        columns = ", ".join(f"cast({known.get(n, 'null')} as double) as {n}" for n in series)
        connection.execute(
            f"create table versions as select '110000' as city_code, 2010 as year, {columns}, "
            "unnest([timestamp '2026-01-01', timestamp '2026-02-01']) as dbt_valid_from, "
            "unnest([timestamp '2026-02-01', null]) as dbt_valid_to"
        )
        keys = ["city_code", "year", "dbt_valid_from", "dbt_valid_to"]
        long = project.macro("unpivot_columns", "versions", keys, series, "series", "value")
        connection.execute(f"create table cells as {long}")
        changes = project.macro(
            "changes_on_record", "cells", ["city_code", "year", "series"], ["value"]
        )
        seen = connection.sql(
            f"select series, value_before, value_after from ({changes}) "
            "where not is_first_appearance and value_before is distinct from value_after"
        ).fetchall()
    assert seen == [("pm25_ug_m3", 40.0, 44.0)]


def test_wide_columns_are_those_of_the_seed(study, tmp_path):
    written(tmp_path / "raw", {"yearbook.csv": yearbook(pm25_ug_m3=particles())})
    tables = staged(tmp_path / "raw", tmp_path / "out", "stg_yearbook__city_years")
    names = list(tables["stg_yearbook__city_years"].columns)
    assert names[:3] == ["city_code", "city_name_zh", "year"]
    # What others are derived from stands behind the series of the panel.
    own, auxiliary = names[32:34], names[34:]
    assert own == ["pm25_ug_m3", "balance_million_eur"]
    assert len(auxiliary) == 8 and "secondary_share_percent" in auxiliary


def test_check_data_and_the_template_know_an_own_series(study, tmp_path):
    written(tmp_path / "raw", {"yearbook.csv": yearbook(pm25_ug_m3=particles())})
    text, _ = check(tmp_path / "raw", lambda _: raw_problems())
    assert "pm25_ug_m3 细颗粒物年均浓度" in text
    assert "110000, 2015, `pm25_ug_m3`: 45,000 is" in text
    assert "balance_million_eur" in text.split("Missing")[1].split("Coverage")[0]
    prepare(tmp_path / "raw", tmp_path / "out")
    [cell] = [c for c in find_suspicious(tmp_path / "out") if c.series == "pm25_ug_m3"]
    assert cell.is_slip
    write_templates(tmp_path / "forms")
    form = (tmp_path / "forms" / "city_yearbook_template.csv").read_text(encoding="utf-8-sig")
    assert form.strip().endswith("pm25_ug_m3,balance_million_eur")
    guide = (tmp_path / "forms" / "column_guide.md").read_text(encoding="utf-8")
    [line] = [line for line in guide.splitlines() if line.startswith("| pm25_ug_m3")]
    assert PM25["description"] in line
    assert "Fine particles" in line


def test_a_unit_without_conversion_is_the_only_one(study, tmp_path):
    rows = yearbook(**{"Public balance (yuan)": -5.0, "Fine particles (ug_m3)": particles()})
    written(tmp_path / "raw", {"yearbook.csv": rows})
    report = prepare(tmp_path / "raw", tmp_path / "out")
    [source] = report.sources
    assert ("Fine particles (ug_m3)", "pm25_ug_m3") in source.columns
    [ignored] = source.ignored
    assert "the unit `yuan` does not measure `balance_million_eur`" in ignored.reason


BAD_SERIES = {
    "column_name": ("PM 2.5", "lower-case letters"),
    "table_name": ("city_yearbok", "nearest: city_yearbook"),
    "dimension": ("yuann", "looks like `yuan`"),
    "lowest_median": ("300", "lowest_median 300 is above highest_median 200"),
    "highest_median": ("much", "highest_median is 'much', not a number"),
    "edge_fill": ("linear", "it may be nearest or empty"),
    "may_be_negative": ("yes", "it may be true, false or empty"),
    "description": ("", "description is empty"),
    "name_zh": ("地区生产总值", "is a header of `gdp_100m_yuan` too"),
}


@pytest.mark.parametrize("column", BAD_SERIES)
def test_a_bad_row_of_a_series_is_refused(tmp_path, column):
    cell, said = BAD_SERIES[column]
    faulty = {**PM25, column: cell}
    with study_of(write_seeds(tmp_path / "seeds", {"raw_columns": added(**faulty)})):
        problems = raw_problems()
    assert any(said in str(problem) for problem in problems), problems
    assert all("raw_columns" in str(problem) for problem in problems)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("select", "a word of SQL"),
        ("year", "a column of every table already"),
        ("gdp_100m_yuan", "stands there 2 times"),
        ("gdp_100m_yuan_imputation", "says how `gdp_100m_yuan` came about"),
    ],
)
def test_a_name_that_cannot_be_a_column_is_refused(tmp_path, name, said):
    faulty = {**PM25, "column_name": name}
    with study_of(write_seeds(tmp_path / "seeds", {"raw_columns": added(**faulty)})):
        assert any(said in str(problem) for problem in raw_problems())


RULE = {"rule": "too_clean", "series": "gdp_100m_yuan", "reason": "no such air"}
INPUT = {"measure": "real_output", "role": "output", "series": "gdp_100m_yuan", "factor": "1"}


@pytest.mark.parametrize(
    ("seed", "row", "said"),
    [
        ("measure_inputs", INPUT | {"measure": "real_outptu"}, "nearest: real_output"),
        ("measure_inputs", INPUT | {"role": "prices"}, "real_output has no input `prices`"),
        ("measure_inputs", INPUT | {"series": "gdp_100m_yan"}, "nearest: gdp_100m_yuan"),
        ("measure_inputs", INPUT | {"factor": "0"}, "factor: '0' is not a number above 0"),
        ("measure_inputs", INPUT, "`output` of real_output stands there twice"),
        ("accounting_rules", RULE, "needs either part and whole, or a condition"),
        ("accounting_rules", RULE | {"condition": "pm < 0"}, "there is no series `pm`"),
        ("accounting_rules", RULE | {"condition": "gdp_100m_yuan"}, "not true or false"),
        ("accounting_rules", RULE | {"condition": "(select 1) > 0"}, "subquery is not allowed"),
        (
            "accounting_rules",
            RULE | {"part": "gdp_100m_yuan", "whole": "gdp_100m_yuan + patents_grant"},
            "nearest: patents_granted",
        ),
        (
            "cell_decisions",
            {"applies_to": "supplied", "series": "gdp", "action": "blank"},
            "there is no `gdp`",
        ),
        (
            "data_expectations",
            {
                "expectation_id": "own",
                "relation": "stg_yearbook__city_years",
                "arguments": '{"column": "pm25_ugm3"}',
            },
            "there is no series `pm25_ugm3`",
        ),
    ],
)
def test_a_bad_row_that_names_a_series_is_refused(tmp_path, seed, row, said):
    with study_of(write_seeds(tmp_path / "seeds", {seed: added(**row)})):
        problems = [str(problem) for problem in raw_problems()]
    assert any(said in problem for problem in problems), problems
    assert all(seed in problem for problem in problems)


def test_a_faulty_list_of_series_ends_check_data_with_its_faults(tmp_path):
    faulty = {**PM25, "column_name": "PM 2.5"}
    written(tmp_path / "raw", {"yearbook.csv": yearbook()})
    with study_of(write_seeds(tmp_path / "seeds", {"raw_columns": added(**faulty)})):
        checked = run_command("check-data", "--raw", tmp_path / "raw")
        assert checked.code == 1
        with pytest.raises(IntakeError, match="lower-case letters"):
            check_study()
    assert "row 58, `PM 2.5`: column_name must be" in checked.err


def test_the_shipped_rows_are_sound():
    assert raw_problems() == []


def test_a_rule_over_an_own_series_flags_its_cell(study, tmp_path):
    folder = tmp_path / "seeds"
    rule = {
        "rule": "dirtier_than_the_record",
        "series": "pm25_ug_m3",
        "condition": "pm25_ug_m3 > 300 and not balance_million_eur > 0",
        "reason": "no city has such air",
    }
    write_seeds(
        folder,
        {
            "raw_columns": lambda rows: [*rows, PM25, BALANCE],
            "accounting_rules": lambda rows: [rule],
        },
    )
    with study_of(folder), duckdb.connect() as connection:
        assert raw_problems() == []
        written(tmp_path / "raw", {"yearbook.csv": yearbook(pm25_ug_m3=particles())})
        prepare(tmp_path / "raw", tmp_path / "out")
        project = ProjectSql(connection, tmp_path / "out")
        [own, negative, *_] = project.macro("accounting_rules")
        assert (own["series"], own["when"]) == ("pm25_ug_m3", rule["condition"])
        assert negative["rule"] == "negative"


def test_the_macro_lets_no_other_sql_through(tmp_path):
    (tmp_path / "city_yearbook.csv").write_text("city_code,year\n110000,2010\n")
    with connect() as connection:
        project = ProjectSql(connection, tmp_path)
        known = project.macro("yearbook_series")

        def fault(text):
            return project.macro("expression_fault", text, known)

        assert fault("gdp_100m_yuan * 1e4 not between 5 and 1.5") == ""
        for text in (
            "gdp_100m_yuan; drop table x",
            "gdp_100m_yuan -- x",
            "gdp_100m_yuan > 'a'",
            "pm > 1",
            "1 = 1 /* x",
        ):
            assert fault(text), text


@pytest.mark.parametrize(
    ("seed", "row", "macro", "said"),
    [
        (
            "raw_columns",
            PM25 | {"column_name": "x; drop table y"},
            ("yearbook_series",),
            "is no name of a series",
        ),
        (
            "measure_inputs",
            {"measure": "own", "role": "output", "series": "1) from x", "factor": "1"},
            ("measure_input", "own", "output"),
            "is no series times a number",
        ),
        (
            "measure_inputs",
            {"measure": "own", "role": "output", "series": "gdp_100m_yuan", "factor": "1 + 1"},
            ("measure_input", "own", "output"),
            "is no series times a number",
        ),
        (
            "accounting_rules",
            RULE | {"condition": "gdp_100m_yuan in (select 1)"},
            ("accounting_rules",),
            "names `select`, which is no series",
        ),
    ],
)
def test_a_hostile_cell_becomes_no_sql(tmp_path, seed, row, macro, said):
    """A plain build does not check the rows in Python first: the macros do."""
    folder = write_seeds(tmp_path / "seeds", {seed: added(**row)})
    (tmp_path / "city_yearbook.csv").write_text("city_code,year\n110000,2010\n")
    with study_of(folder), connect() as connection, pytest.raises(ProjectError, match=said):
        ProjectSql(connection, tmp_path).macro(*macro)


def test_a_measure_without_a_row_is_null(tmp_path):
    (tmp_path / "city_yearbook.csv").write_text("city_code,year\n110000,2010\n")
    folder = write_seeds(tmp_path / "seeds", {"measure_inputs": lambda rows: rows[:1]})
    with study_of(folder), connect() as connection:
        project = ProjectSql(connection, tmp_path)
        assert project.macro("measure_input", "real_output", "output") == "gdp_100m_yuan"
        absent = project.macro("measure_input", "real_output", "price_index")
        assert absent == "cast(null as double)"
