"""What the study behind a warehouse is about: headline, index, places, variables."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from urban_resilience.reporting.rows import Row, rows, setting, unit_of
from urban_resilience.reporting.study_words import StudyWords, read_study_words
from urban_resilience.reporting.words import CITIES, Both, Unit

# The regressor that a design makes of a list of pilots; no variable of the study.
TREATED = Both("Policy in force", "政策实施")


@dataclass(frozen=True)
class Study:
    """What every page needs to know.

    Attributes
    ----------
    headline_spec
        Row of `regression_specs` that leads; empty without one.
    outcome, treatment
        Of that row; empty without one.
    index_id
        Index that cities are ranked by: the headline's outcome where that is an index, else the
        first one; empty in a study without indices.
    cities
        ``city_code``, ``en``, ``zh``, ``province``, ``province_zh``, ``longitude``, ``latitude``.
    years
        Study years, ascending.
    variables
        ``variable``, ``en``, ``zh``, ``unit``, ``unit_zh``, in their order.
    unit
        What the study calls its places.
    words
        Chinese of its own texts.
    """

    headline_spec: str
    outcome: str
    treatment: str
    index_id: str
    index_name: Both
    cities: list[Row]
    years: list[int]
    variables: list[Row]
    unit: Unit = CITIES
    words: StudyWords = field(default_factory=StudyWords)

    @property
    def codes(self) -> list[str]:
        """Codes of the cities, in their order."""
        return [str(city["city_code"]) for city in self.cities]

    def label(self, variable: str) -> Both:
        """Name of a variable; the variable itself where it has none."""
        for row in self.variables:
            if row["variable"] == variable:
                return Both(str(row["en"]), str(row["zh"]))
        return TREATED if variable == "treated" else Both(variable, variable)


def read_study(connection: duckdb.DuckDBPyConnection) -> Study:
    """Read it from a built warehouse."""
    spec = setting(connection, "headline_spec")
    outcome, treatment = connection.execute(
        "select coalesce(outcome, ''), coalesce(treatment, '') from reference.regression_specs"
        " where spec_id = ?",
        [spec],
    ).fetchone() or ("", "")
    index_id = _index_of(connection, outcome)
    name = connection.execute(
        "select name_en from reference.index_definitions where index_id = ?", [index_id]
    ).fetchone()
    variables = rows(
        connection,
        "select variable, coalesce(name_en, variable) as en,"
        " coalesce(name_zh, name_en, variable) as zh, unit"
        " from reference.panel_variables order by position, variable",
    )
    words = read_study_words(connection)
    known = {str(row["variable"]): str(row["zh"]) for row in variables}
    return Study(
        headline_spec=spec,
        outcome=outcome,
        treatment=treatment,
        index_id=index_id,
        index_name=Both(name[0], known.get(outcome, name[0])) if name else Both("", ""),
        cities=rows(
            connection,
            "select city_code, any_value(city_name_en) as en,"
            " coalesce(any_value(city_name_zh), any_value(city_name_en)) as zh,"
            " coalesce(any_value(cities.province), '') as province,"
            " coalesce(any_value(province_zh), any_value(cities.province), '') as province_zh,"
            " any_value(longitude) as longitude, any_value(latitude) as latitude"
            " from reference.dim_cities as cities"
            " where city_code in (select city_code from panel.fct_estimation_panel)"
            " group by city_code order by city_code",
        ),
        years=[
            year
            for (year,) in connection.execute(
                "select distinct year from panel.fct_estimation_panel order by year"
            ).fetchall()
        ],
        variables=[{**row, "unit_zh": words.said_zh(row["unit"])} for row in variables],
        unit=unit_of(connection),
        words=words,
    )


def _index_of(connection: duckdb.DuckDBPyConnection, outcome: str) -> str:
    """Name the index of an outcome, through the expression of its variable."""
    row = connection.execute(
        "select definitions.index_id from reference.index_definitions as definitions"
        " left join reference.panel_variables as variables"
        " on variables.expression = 'index.' || definitions.index_id and variables.variable = ?"
        " where definitions.index_id in (select distinct index_id from indices.fct_index_scores)"
        " order by variables.variable is null, definitions.index_id limit 1",
        [outcome],
    ).fetchone()
    return str(row[0]) if row else ""
