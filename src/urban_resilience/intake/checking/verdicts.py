"""What becomes of the rows of a prepared folder: the build's own verdicts, before a build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from urban_resilience.intake.checking.coverage import YEARBOOK
from urban_resilience.intake.checking.folder_database import connect_for
from urban_resilience.intake.checking.gate import gate_problems
from urban_resilience.intake.checking.panel_gate import panel_problems
from urban_resilience.intake.checking.policy_lists import PolicyList, policy_lists
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.intake.recognition.shapes.pilots import PILOTS
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.database import quote
from urban_resilience.shared.problems import Problem

OUTSIDE = ("outside_study", "no_sector")
# Rules about places: examples are codes and names; of the other rules, what they quote.
OF_PLACES = ("outside_study", "unknown_city")
# How many examples are kept of each kind of reason.
EXAMPLES = 6
# What a reason says of a place outside the study, and what such places are called.
KINDS_OUTSIDE = (
    ("is no city now", "former cities"),
    ("a league", "leagues, regions and the like"),
    ("a county or district", "counties and districts"),
    ("a province", "provinces"),
    ("is a total", "totals, headings and places without a code"),
)
REMEDY = "Correct the rows, or the column they stand in."


@dataclass(frozen=True)
class RowGroup:
    """Rows of a file that are not accepted for reasons of one kind.

    Attributes
    ----------
    rule, reason
        As in ``quality.fct_rejected_rows``; the reason is that of the first row.
    kind
        What the places are where the rule is about places outside the study, otherwise empty.
    examples
        The first places, or values in quotation marks, that reasons of the kind name.
    n_examples
        How many different ones there are.
    first_row
        Row of the file, None where records are not numbered.
    """

    table: str
    source_file: str
    rule: str
    kind: str
    reason: str
    examples: tuple[str, ...]
    n_examples: int
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


def judge_rows(
    prepared: Path,
    tables: Sequence[str],
    accepted: Path,
    is_whole: bool = True,
    with_panel: bool = True,
) -> Verdicts:
    """Judge the rows of a folder by the rules of ``macros/judge_rows.sql``.

    Parameters
    ----------
    prepared
        Folder in the raw contract.
    tables
        Its tables.
    accepted
        Folder to write the accepted rows of the yearbook to, if there are any.
    is_whole
        Whether all files could be read: keys may meet nothing for want of a file that could not.
    with_panel
        Whether the gate of the panel is asked too; variables of the study must have no fault.
    """
    groups: list[RowGroup] = []
    problems: list[Problem] = []
    accepted.mkdir(parents=True, exist_ok=True)
    with connect_for(prepared) as connection:
        project = ProjectSql(connection, prepared)
        for table, models in project.macro("raw_tables").items():
            if table not in tables:
                continue
            judged = project.relation(models["judged"])
            groups += _groups(connection, table, judged)
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
        unmatched, partial = (
            _joins(connection, project.relation("int_raw_joins")) if is_whole else ([], [])
        )
        problems += gate_problems(project, tables)
        # A part of the files is another panel, and may have other faults.
        if with_panel and is_whole and YEARBOOK in tables:
            problems += panel_problems(project)
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


def _groups(connection: duckdb.DuckDBPyConnection, table: str, judged: str) -> list[RowGroup]:
    """Group rows that are not accepted by file, rule and kind of reason."""
    names = contract()[table].names
    label = "city_name_zh" if "city_name_zh" in names else "null::varchar"
    code = "city_code" if "city_code" in names else "null::varchar"
    kinds = " ".join(
        f"when contains(reason, {quote(of)}) then {quote(n)}" for of, n in KINDS_OUTSIDE
    )
    found = connection.execute(
        f"""
        with told as (
            select
                source_file, rule, reason, source_row,
                case when rule = 'outside_study' then case {kinds} else 'other places' end
                    else '' end as kind,
                case when rule in {OF_PLACES}
                    then concat_ws(' ', {code}, nullif({label}, {code}))
                    else regexp_extract(reason, $$'([^']+)'$$, 1) end as example,
                -- What is quoted, in brackets or a number differs from row to row.
                regexp_replace(reason, $$'[^']*'|\\([^)]*\\)|[0-9]+([.,][0-9]+)*$$, '', 'g')
                    as wording
            from {judged} where rule is not null
        ),
        counted as (
            select
                source_file, rule, kind,
                case when rule = 'outside_study' then '' else wording end as wording,
                example, arg_min(reason, coalesce(source_row, 0)) as reason,
                count(*) as n_rows, min(source_row) as first_row
            from told group by all
        )
        select
            source_file, rule, kind,
            arg_min(reason, coalesce(first_row, 0)),
            list(example order by n_rows desc, first_row, example)[:{EXAMPLES}],
            count(*), sum(n_rows)::bigint, min(first_row)
        from counted group by source_file, rule, kind, wording order by all
        """
    ).fetchall()
    return [
        RowGroup(table, file, rule, kind, reason, tuple(examples), n_examples, n_rows, first_row)
        for file, rule, kind, reason, examples, n_examples, n_rows, first_row in found
    ]


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
