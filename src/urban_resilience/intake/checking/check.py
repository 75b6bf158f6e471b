"""``make check-data``: what a folder holds and what can be built from it, without building."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from urban_resilience.intake.checking.coverage import study_settings, yearbook_coverage
from urban_resilience.intake.checking.derived import DerivedCells, derived_cells
from urban_resilience.intake.checking.gate import jump_problems
from urban_resilience.intake.checking.mapping_draft import write_mapping
from urban_resilience.intake.checking.policy_lists import supplied_policies
from urban_resilience.intake.checking.report_files import derived_series, files, missing, origin
from urban_resilience.intake.checking.report_rows import (
    matched_in_part,
    policies,
    rows_not_used,
    suspicious_cells,
    unreadable_cells,
)
from urban_resilience.intake.checking.report_study import coverage_table, supported_tables
from urban_resilience.intake.checking.support import table_support
from urban_resilience.intake.checking.suspicious import find_suspicious
from urban_resilience.intake.checking.verdicts import NO_VERDICTS, judge_rows
from urban_resilience.intake.prepare import inspect
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.counting import count
from urban_resilience.shared.problems import IntakeError, Problem
from urban_resilience.shared.steps import Tell, tell_nobody

LINE = "-" * 78
STEPS = 3
NOTHING_DERIVED = DerivedCells()


def check(
    raw_dir: Path,
    judge: Callable[[Collection[str]], Sequence[Problem]] = lambda _: (),
    draft_mapping: bool = False,
    tell: Tell = tell_nobody,
) -> tuple[str, bool]:
    """Report on a folder.

    Parameters
    ----------
    raw_dir
        The folder.
    judge
        Says what is wrong with the study's own rows, told the policies that the folder has lists
        of: they stop a build like the folder's faults.
    draft_mapping
        Whether to draft ``columns.csv`` in the folder.
    tell
        Called at the start of each step.

    Returns
    -------
    tuple of (str, bool)
        The report in plain text, and whether a build can start.
    """
    with tempfile.TemporaryDirectory(prefix="urban_resilience_check_") as folder:
        tell("reading the files", 1, STEPS)
        try:
            report = inspect(raw_dir, Path(folder) / "prepared")
        except IntakeError as error:
            return str(error), False
        of_study = judge(supplied_policies(report.out_dir))
        written = [f"Written    {write_mapping(report)}"] if draft_mapping else []
        settings = study_settings()
        accepted = report.out_dir / "accepted"
        # What could be read is judged whatever else is wrong: all faults at once.
        read = [t for t in report.tables if (report.out_dir / f"{t}.parquet").exists()]
        tell("judging the rows", 2, STEPS)
        # The rules hold rows against those of the tables that no build can do without.
        can_judge = all(table.name in read for table in contract().values() if table.is_required)
        verdicts = (
            judge_rows(
                report.out_dir,
                read,
                accepted,
                is_whole=not report.problems,
                with_panel=not of_study,
            )
            if can_judge
            else NO_VERDICTS
        )
        tell("what can be built", 3, STEPS)
        derived = NOTHING_DERIVED if report.problems else derived_cells(accepted)
        coverage = yearbook_coverage(accepted, derived.by_series)
        support = table_support(report.tables, coverage, settings)
        odd = [] if coverage is None else find_suspicious(accepted)
    jumps = [] if coverage is None else jump_problems(odd, coverage.n_values())
    problems = [*of_study, *report.problems, *verdicts.problems, *jumps]
    parts = [
        [LINE, f"Folder     {raw_dir}", *written, *origin(report), LINE],
        files(report),
        missing(report, {series for series, _ in derived.by_series}),
        derived_series(derived),
        unreadable_cells(report),
        rows_not_used(verdicts),
        policies(verdicts),
        matched_in_part(verdicts),
        suspicious_cells(odd),
        [] if coverage is None else coverage_table(coverage),
        [] if coverage is None else supported_tables(support, settings.min_coverage),
        _verdict(problems),
    ]
    return "\n".join(line for part in parts for line in part), not problems


def _verdict(problems: Sequence[Problem]) -> list[str]:
    if not problems:
        return [
            "Ready: `make build` can start with this folder.",
            "  Not foreseen: how far it is from what is published; indices, measures and "
            "estimates that cannot",
            "  be what they are; and what a build only warns of, such as a province in another "
            "unit.",
        ]
    lines = [f"{count(len(problems), 'problem')} to solve before `make build`"]
    # One line each, however long: so they can be searched and copied.
    return [*lines, *(f"  {problem}" for problem in problems)]
