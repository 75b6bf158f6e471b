"""Commands about files that come in: what a folder holds, forms, a study, simulated data."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from urban_resilience.cli import options
from urban_resilience.cli.progress import steps
from urban_resilience.shared.problems import IntakeError, Problem

Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder to write.")]


def check_data(
    raw: options.Raw = None,
    study: options.Study = None,
    write_mapping: Annotated[
        bool,
        typer.Option(
            "--write-mapping",
            help="Draft columns.csv there: each header and what it was read as, to correct.",
        ),
    ] = False,
) -> int:
    """Say what a folder of raw files holds and what can be built from it; build nothing.

    Ends with 0 where a build can start, with 1 where it cannot; every fault has its remedy.
    """
    with _uncollected():
        _use_study(study)
        from urban_resilience.refresh.sound_study import judge_study

        _refuse(judge_study().of_series)
        from urban_resilience.intake.checking.check import check

        folder = options.raw_folder(study, raw)
        with steps("check-data") as tell:
            text, is_ready = check(
                folder,
                lambda policies: judge_study(supplied_policies=policies).of_rows,
                write_mapping,
                tell,
            )
    print(text)
    return 0 if is_ready else 1


def template(out: Out = Path("templates"), study: options.Study = None) -> None:
    """Write empty forms of every raw file, with a guide to their columns."""
    _read_study(study)
    from urban_resilience.intake.template import write_templates

    for path in write_templates(out):
        print(path)


def study(out: Out = Path("my_study")) -> None:
    """Write the commented files of a study of your own, to fill in.

    `build --study` builds it.
    """
    options.need_project()
    from urban_resilience.intake.study_skeleton import write_skeleton

    for path in write_skeleton(out):
        print(path)


def simulate(
    out: Out = options.SIMULATED_DIR,
    seed: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Of all random draws; the parameters have one."),
    ] = None,
    seeds: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Reference seeds; the project's if absent."),
    ] = None,
) -> None:
    """Write simulated raw data whose truth is known; `build` does it where no data are supplied."""
    options.need_project()
    from urban_resilience.simulation.data_set import write_data_set

    write_data_set(out, seed, seeds, lambda line: print(line, flush=True))


def prepare(out: Out, raw: options.Raw = None, study: options.Study = None) -> None:
    """Write a folder of raw files in the raw contract that dbt's sources read."""
    _read_study(study)
    from urban_resilience.intake.prepare import prepare as write_prepared

    report = write_prepared(options.raw_folder(study, raw), out)
    for name, rows in report.tables.items():
        print(f"{name}: {rows:,} rows")


def seeds(study: options.Study = None) -> None:
    """Put the seeds of a study together and print their folder, for dbt's STUDY_SEEDS."""
    options.need_project()
    options.name_study(study)
    from urban_resilience.shared.project import ROOT
    from urban_resilience.shared.study import use_study

    # Within the project: dbt writes what it compiles under the path that a seed has there.
    print(use_study().relative_to(ROOT))


def simulate_if_nothing_supplied(raw: Path) -> None:
    """Write simulated data into the default folder if it is empty."""
    has_files = raw.is_dir() and any(path.is_file() for path in raw.iterdir())
    if raw != options.SIMULATED_DIR or has_files:
        return
    print("No raw data supplied: simulating some (RAW_DATA_DIR names your own folder).")
    simulate(raw)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Do not look for circles of garbage: a sixth of the time of a check, and it frees nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read_study(study: Path | None) -> None:
    """Let the library read the study that is meant.

    Raises
    ------
    IntakeError
        Its folder, or its list of series, cannot be used: no folder can be read by such a list.
    """
    _use_study(study)
    from urban_resilience.intake.checking.series_rows import raw_column_problems

    _refuse(raw_column_problems())


def _use_study(study: Path | None) -> None:
    options.need_project()
    options.name_study(study)
    from urban_resilience.shared.study import use_study

    use_study()


def _refuse(of_series: Sequence[Problem]) -> None:
    if of_series:
        what = "the series of the study cannot be used."
        raise IntakeError([Problem("", what, ""), *of_series])
