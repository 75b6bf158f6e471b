"""Command line: ``python -m urban_resilience.intake check|template|prepare|study|seeds``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from urban_resilience.estimation.checked_specs import spec_problems
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.checking.series_rows import raw_column_problems
from urban_resilience.intake.checking.study_rows import study_problems
from urban_resilience.intake.prepare import prepare
from urban_resilience.intake.study_skeleton import write_skeleton
from urban_resilience.intake.template import write_templates
from urban_resilience.shared.problems import IntakeError
from urban_resilience.shared.project import ROOT
from urban_resilience.shared.study import use_study
from urban_resilience.variables.checked_variables import variable_problems


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it worked (for `check`: when a build can start)."""
    options = _parser().parse_args(arguments)
    if options.command == "study":
        return _write_study(options.out)
    try:
        seeds = use_study()
    except IntakeError as error:
        print(f"The study cannot be used:\n{error}", file=sys.stderr)
        return 1
    if options.command == "seeds":
        # Within the project: dbt writes what it compiles under the path that a seed has there.
        print(seeds.relative_to(ROOT))
        return 0
    try:
        of_series = raw_column_problems()
        if of_series:
            # No folder can be read by a list of series that is not one.
            raise IntakeError(of_series)
    except IntakeError as error:
        print(f"The study's series cannot be used:\n{error}", file=sys.stderr)
        return 1
    if options.command == "check":
        text, is_ready = check(
            options.raw,
            [*study_problems(), *variable_problems(), *spec_problems()],
            options.write_mapping,
        )
        print(text)
        return 0 if is_ready else 1
    if options.command == "template":
        for path in write_templates(options.out):
            print(path)
        return 0
    try:
        report = prepare(options.raw, options.out)
    except IntakeError as error:
        print(error, file=sys.stderr)
        return 1
    for name, rows in report.tables.items():
        print(f"{name}: {rows:,} rows")
    return 0


def _write_study(out: Path) -> int:
    try:
        for path in write_skeleton(out):
            print(path)
    except FileExistsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m urban_resilience.intake",
        description="Files as people have them, brought into the raw contract.",
    )
    default = Path(os.environ.get("RAW_DATA_DIR") or "data/simulated")
    commands = parser.add_subparsers(dest="command", required=True)
    for command, help_text in (
        ("check", "say what a folder holds and what can be built from it"),
        ("prepare", "write a folder in the raw contract"),
    ):
        sub = commands.add_parser(command, help=help_text)
        sub.add_argument("--raw", type=Path, default=default, help="folder of files")
    commands.choices["prepare"].add_argument("--out", type=Path, required=True, help="to write")
    commands.choices["check"].add_argument(
        "--write-mapping",
        action="store_true",
        help="draft columns.csv in the folder: every header and what it was read as",
    )
    template = commands.add_parser("template", help="write empty forms and a column guide")
    template.add_argument("--out", type=Path, default=Path("templates"), help="folder to write")
    study = commands.add_parser("study", help="write the commented files of an empty study")
    study.add_argument("--out", type=Path, required=True, help="folder to write")
    commands.add_parser("seeds", help="put the study together that STUDY names, and say where")
    return parser


if __name__ == "__main__":
    sys.exit(main())
