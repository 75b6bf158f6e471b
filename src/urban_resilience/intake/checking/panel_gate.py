"""What the gate of the panel would stop, told from the prepared folder without a build.

Of the variables that decide on the sample: they need no index and no measure, and are what an owner
can get wrong without any one column looking wrong. Their values, the choice of cities and the cuts
at percentiles are the project's own SQL.
"""

from __future__ import annotations

import json

from urban_resilience.intake.checking.gate import BETWEEN, of_values_outside
from urban_resilience.intake.checking.project_sql import COMPILED, ProjectSql
from urban_resilience.shared.database import name as identifier
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import SeedRow, seed_rows
from urban_resilience.variables.checked_variables import VariableError, check_variables
from urban_resilience.variables.definitions import VARIABLES

EARLY, PANEL, CUT = "int_variables_early", "fct_city_years", "int_panel_winsorized"
REMEDY = "Correct the cells of the series that it is made of."


def panel_problems(project: ProjectSql) -> list[Problem]:
    """Evaluate bounds of variables as the gate of the panel does.

    Parameters
    ----------
    project
        On a prepared folder. Without variables it only knows what series are derived by: it is
        given them here.
    """
    try:
        _give_variables(project)
    except VariableError as error:
        return [Problem("", str(error), "")]
    early = project.relation(EARLY)
    rows = [
        row
        for row in seed_rows("data_expectations")
        if (row["relation"], row["severity"], row["expectation"]) == (CUT, "error", BETWEEN)
        and json.loads(row["arguments"])["column"] in project.columns_of(early)
    ]
    in_study = project.macro("in_study_years")
    # What lies within its bounds does so however cities are chosen and values cut: hardly any
    # folder needs more.
    doubtful = [row for row in rows if of_values_outside(project, row, early, in_study)]
    if doubtful:
        _make_panel(project, early)
    problems = []
    for row in doubtful:
        found = of_values_outside(project, row, project.relation(CUT), row["row_filter"])
        if found:
            what = f"{_in_words(row)}: {row['why']} {found} ({row['expectation_id']})."
            problems.append(Problem("", what, REMEDY))
    return problems


def _give_variables(project: ProjectSql) -> None:
    pilots = project.relation("stg_policy__pilots")
    policies = project.connection.execute(
        f"select distinct policy_id from {pilots} where policy_id is not null order by all"
    ).fetchall()
    project.connection.register("variables_compiled", check_variables([p for (p,) in policies]))
    project.stand_in(COMPILED, "select * from variables_compiled")


def _make_panel(project: ProjectSql, early: str) -> None:
    """Let the variables that are known stand for the panel; the others are empty in it."""
    known = project.columns_of(early)
    others = "".join(
        f", null::double as {identifier(row['definition'])}"
        for row in project.macro("variable_rows")
        if row["definition"] not in known
    )
    project.stand_in(
        PANEL,
        f"select early.*, coalesce(decisions.is_kept, false) as is_sampled_city{others} "
        f"from {early} as early left join {project.relation('int_sample_decisions')} as decisions "
        "on early.city_code = decisions.city_code",
    )


def _in_words(row: SeedRow) -> str:
    column = json.loads(row["arguments"])["column"]
    variable = next((v for v in seed_rows(VARIABLES) if v["variable"] == column), None)
    made_of = f" = {variable['expression']}" if variable else ""
    return f"the panel, `{column}`{made_of}"
