"""Whether the rows of the study are sound: judged once for as long as rows and project stay."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from urban_resilience.refresh.fingerprints import fingerprint_project
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import ROOT

# What judges the rows, and what the rows are held against; the seeds come with the fingerprint.
JUDGING = ("dbt_project.yml", "requirements.lock", "models", "macros", "src")
# Below `target`, which is only ever a store of what can be had again.
FOLDER = ROOT / "target" / "sound_studies"


@dataclass(frozen=True)
class StudyFaults:
    """What is wrong with the rows of a study.

    Attributes
    ----------
    of_series
        Faults of the list of series. Where it has any, nothing else was judged: what names a
        series is judged by a list that is sound.
    of_rows
        Faults of settings, places, groups, policies, indices, variables and regressions.
    """

    of_series: tuple[Problem, ...] = ()
    of_rows: tuple[Problem, ...] = ()


def judge_study(folder: Path = FOLDER) -> StudyFaults:
    """Judge every row of the study that is built.

    That nothing is wrong is remembered: the same rows judged by the same project are sound the
    next time too. What is wrong is found anew each time.

    Parameters
    ----------
    folder
        Where an empty file stands for each study that was found sound.
    """
    verdict = folder / _state()
    if verdict.exists():
        return StudyFaults()
    found = _judged()
    if found == StudyFaults():
        # Where nothing may be written it is judged anew each time.
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            verdict.touch()
    return found


def _judged() -> StudyFaults:
    # They bring pandas along, which a check of a sound study does without.
    from urban_resilience.estimation.checked_specs import spec_problems
    from urban_resilience.intake.checking.series_rows import raw_column_problems
    from urban_resilience.intake.checking.study_rows import study_problems
    from urban_resilience.variables.checked_variables import variable_problems

    if of_series := raw_column_problems():
        return StudyFaults(tuple(of_series))
    return StudyFaults((), (*study_problems(), *variable_problems(), *spec_problems()))


def _state() -> str:
    """Name the state of rows and project, and of the database that conditions are tried on."""
    state = f"{fingerprint_project(ROOT, JUDGING)} {duckdb.__version__}"
    return hashlib.sha256(state.encode()).hexdigest()[:32]
