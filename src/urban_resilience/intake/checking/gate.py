"""What the raw gate of a build would stop, told from the prepared folder without a build."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

import duckdb

from urban_resilience.intake.checking.coverage import YEARBOOK
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.intake.checking.suspicious import SuspiciousCell
from urban_resilience.shared.database import name as identifier
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import SeedRow, seed_rows

# Data tests that a folder alone decides; what they say names column and remedy.
DATA_TESTS = ("yearbook_columns_have_their_unit", "cell_decisions_name_cells")
# Staged relations, and the table of the contract that each is of.
STAGED = {
    "stg_yearbook__city_years": YEARBOOK,
    "stg_input_output__flows": "input_output_flows",
    "stg_input_output__industry_output": "industry_output",
    "int_raw_identities": "",
    "int_raw_input_output": "input_output_flows",
}
# Relations whose rows name the column that each is of.
OF_ROWS = ("int_raw_identities", "int_raw_input_output")
BETWEEN = "expect_column_values_to_be_between"
REMEDY = "Correct the column, or say in columns.csv what it is."
EXAMPLES = 3


def gate_problems(project: ProjectSql, tables: Iterable[str]) -> list[Problem]:
    """Evaluate what the raw gate stops a build for, as far as no published build is needed.

    Parameters
    ----------
    project
        On a prepared folder.
    tables
        Tables of the folder.
    """
    found = []
    if YEARBOOK in tables:
        found += [
            Problem("", line, "")
            for test in DATA_TESTS
            for line in project.data_test(test).splitlines()
        ]
    rows = [
        row
        for row in seed_rows("data_expectations")
        if (row["layer"], row["severity"], row["expectation"]) == ("raw", "error", BETWEEN)
        and STAGED.get(row["relation"]) in ("", *tables)
    ]
    return [*found, *(problem for row in rows for problem in _between(project, row))]


def _between(project: ProjectSql, row: SeedRow) -> Iterator[Problem]:
    where = row["row_filter"]
    place, series = STAGED[row["relation"]], json.loads(row["arguments"])["column"]
    try:
        relation = project.relation(row["relation"])
        found = of_values_outside(project, row, relation, where)
        if found and row["relation"] in OF_ROWS:
            named = "any_value(table_name), any_value(column_name)"
            place, series = project.connection.execute(
                f"select {named} from {relation} where {where or 'true'}"
            ).fetchall()[0]
    except duckdb.BinderException:
        # A column that the study has not: its rows are checked elsewhere.
        return
    if found:
        what = f"{place}, column `{series}`: {row['why']} {found} ({row['expectation_id']})."
        yield Problem("", what, REMEDY)


def of_values_outside(project: ProjectSql, row: SeedRow, relation: str, where: str) -> str:
    """Say how many values of a relation lie outside the bounds of an expectation, and which.

    Parameters
    ----------
    project
        Whose connection has the relation.
    row
        Of seed ``data_expectations``, of kind `BETWEEN`.
    relation, where
        What is looked at instead of the relation and filter of the row.

    Returns
    -------
    str
        Empty where the expectation is met.
    """
    limits = json.loads(row["arguments"])
    column = identifier(limits["column"])
    outside = " or ".join(
        f"{column} {sign} {limits[bound]}"
        for bound, sign in (("min_value", "<"), ("max_value", ">"))
        if limits.get(bound) is not None
    )
    keys = [identifier(key) for key in row["key_columns"].split()]
    example = f"concat_ws(' ', {', '.join(dict.fromkeys([*keys, column]))})"
    n_rows, n_outside, examples = project.connection.execute(
        f"select count({column}), count(*) filter (where {outside}), "
        f"list({example}) filter (where {outside}) from {relation} where {where or 'true'}"
    ).fetchall()[0]
    if not n_rows or (n_rows - n_outside) / n_rows >= limits.get("mostly", 1.0):
        return ""
    shown = "; ".join(sorted(examples)[:EXAMPLES])
    return f"Found in {n_outside:,} of {n_rows:,} values, such as {shown}"


def jump_problems(cells: Iterable[SuspiciousCell], n_values: dict[str, int]) -> list[Problem]:
    """Series too many cells of which are far from their neighbours, as the raw gate judges them.

    Parameters
    ----------
    cells
        Suspicious cells of the yearbook.
    n_values
        Cells of each series.
    """
    # Negative cells of series that may be negative say nothing about the unit.
    counts = Counter(cell.series for cell in cells if cell.value >= 0)
    problems = []
    for row in seed_rows("data_expectations"):
        arguments = json.loads(row["arguments"]) if row["relation"] == "fct_raw_columns" else {}
        if arguments.get("column") != "share_suspicious" or row["severity"] != "error":
            continue
        least = float(row["row_filter"].rpartition(">=")[2] or 0)
        problems += [
            Problem(
                "",
                f"{YEARBOOK}, column `{series}`: {row['why']} {count:,} of {n_values[series]:,} "
                f"cells are far from the city's own years before and after "
                f"({row['expectation_id']}).",
                REMEDY,
            )
            for series, count in sorted(counts.items())
            if n_values.get(series, 0) >= least
            and count > arguments["max_value"] * n_values[series]
        ]
    return problems
