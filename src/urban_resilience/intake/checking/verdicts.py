"""What becomes of the rows of a prepared folder: the build's own verdicts, before a build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from urban_resilience.intake.checking.coverage import YEARBOOK
from urban_resilience.intake.checking.policy_lists import PolicyList, policy_lists
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.intake.recognition.shapes.pilots import PILOTS
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.database import connect, quote
from urban_resilience.shared.problems import Problem

OUTSIDE = ("outside_study", "no_sector")
# Rules about a code: rows are counted by what is said of it.
OF_CODES = ("no_sector", "unknown_sector", "unknown_industry", "ambiguous_code")
REMEDY = "Correct the rows, or the column they stand in."


@dataclass(frozen=True)
class RowGroup:
    """Rows of a file that are not accepted for one reason.

    Attributes
    ----------
    rule, reason
        As in ``quality.fct_rejected_rows``; the reason is that of the first row.
    place
        Code and name of the city where the rule is about places, what is wrong with the code where
        it is about codes, otherwise empty.
    first_row
        Row of the file, None where records are not numbered.
    """

    table: str
    source_file: str
    rule: str
    place: str
    reason: str
    n_rows: int
    first_row: int | None


@dataclass(frozen=True)
class Verdicts:
    """What a build would make of the rows.

    Attributes
    ----------
    groups
        Rows that are not accepted, the largest groups first.
    problems
        Files that lose too many rows for a build, and keys that meet nothing.
    partial
        What is said of keys of which some meet nothing.
    policies
        What a supplied list of pilots comes to.
    """

    groups: tuple[RowGroup, ...]
    problems: tuple[Problem, ...]
    partial: tuple[str, ...] = ()
    policies: tuple[PolicyList, ...] = ()

    def of(self, outside: bool) -> list[RowGroup]:
        """Return rows set aside, or rows rejected."""
        return [group for group in self.groups if (group.rule in OUTSIDE) == outside]


NO_VERDICTS = Verdicts((), ())


def judge_rows(prepared: Path, tables: Sequence[str], accepted: Path) -> Verdicts:
    """Judge the rows of a folder by the rules of ``macros/judge_rows.sql``.

    Parameters
    ----------
    prepared
        Folder in the raw contract.
    tables
        Its tables.
    accepted
        Folder to write the accepted rows of the yearbook to, if there are any.
    """
    groups: list[RowGroup] = []
    problems: list[Problem] = []
    accepted.mkdir(parents=True, exist_ok=True)
    with connect(accepted) as connection:
        project = ProjectSql(connection, prepared)
        for table, models in project.macro("raw_tables").items():
            if table not in tables:
                continue
            judged = project.relation(models["judged"])
            groups += [
                RowGroup(*row) for row in connection.execute(_groups(table, judged)).fetchall()
            ]
            faults = connection.execute(_faults(project, table, judged)).fetchall()
            problems += [Problem(file, what, REMEDY) for file, what in faults]
            n_accepted = f"select count(*) from {judged} where rule is null"
            if table == YEARBOOK and connection.execute(n_accepted).fetchall()[0][0]:
                names = ", ".join(contract()[YEARBOOK].names)
                connection.execute(
                    f"copy (select {names} from {judged} where rule is null) "
                    f"to {quote(accepted / f'{YEARBOOK}.parquet')} (format parquet)"
                )
        policies = policy_lists(connection, project, YEARBOOK in tables) if PILOTS in tables else ()
        unmatched, partial = _joins(connection, project.relation("int_raw_joins"))
    groups.sort(key=lambda group: (-group.n_rows, group.source_file, group.first_row or 0))
    return Verdicts(tuple(groups), (*problems, *unmatched), tuple(partial), policies)


def _joins(connection: duckdb.DuckDBPyConnection, joins: str) -> tuple[list[Problem], list[str]]:
    """Return joins that stop a build and joins worth a warning, as the raw gate judges them."""
    rows = connection.execute(
        f"select finding, n_matched < n_required from {joins} "
        "where n_matched < n_required or share_matched < named_below order by all"
    ).fetchall()
    return (
        [Problem("", finding, "") for finding, stops in rows if stops],
        [finding for finding, stops in rows if not stops],
    )


def _groups(table: str, judged: str) -> str:
    names = contract()[table].names
    label = "city_name_zh" if "city_name_zh" in names else "null::varchar"
    code = "city_code" if "city_code" in names else "null::varchar"
    place = (
        "case when rule in ('outside_study', 'unknown_city') "
        f"then concat_ws(' ', {code}, nullif({label}, {code})) "
        f"when rule in {OF_CODES} then reason else '' end"
    )
    return (
        f"select {quote(table)}, source_file, rule, {place}, "
        "arg_min(reason, coalesce(source_row, 0)), count(*), min(source_row) "
        f"from {judged} where rule is not null group by source_file, rule, {place} order by all"
    )


def _faults(project: ProjectSql, table: str, judged: str) -> str:
    """Files that lose too many rows, as the data tests of the build find them."""
    counts = ("rows_rejected", "rows_set_aside", "rows_in")
    return f"""
        with stored as (
            select source_file, count(*) as rows_stored from raw.{table} group by source_file
        ),
        rules as (
            select source_file, rule, min(reason) as reason, count(*) as n_rows
            from {judged} where rule is not null group by source_file, rule
        ),
        lost as (
            select
                source_file,
                coalesce(sum(n_rows) filter (where rule not in {OUTSIDE}), 0) as rows_rejected,
                coalesce(sum(n_rows) filter (where rule in {OUTSIDE}), 0) as rows_set_aside,
                coalesce(
                    arg_max(reason, n_rows) filter (where rule not in {OUTSIDE}), any_value(reason)
                ) as most_frequent_reason
            from rules group by source_file
        ),
        merged as (
            select source_file, sum(rows_merged) as rows_merged
            from raw.raw_files where table_name = '{table}' group by source_file
        ),
        files as (
            select lost.*, stored.rows_stored + coalesce(merged.rows_merged, 0) as rows_in
            from lost
            join stored on lost.source_file = stored.source_file
            left join merged on lost.source_file = merged.source_file
        )
        select source_file, {project.macro("rejected_in_words", *counts)}
        from files where {project.macro("too_many_rejected", *counts)}
    """
