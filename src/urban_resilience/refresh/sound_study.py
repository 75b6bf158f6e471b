"""Whether the rows of the study are sound: judged once for as long as rows and project stay."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from urban_resilience.refresh.fingerprints import fingerprint_project
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import ROOT, seed_rows

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


def judge_study(
    folder: Path = FOLDER, supplied_policies: Collection[str] | None = None
) -> StudyFaults:
    """Judge every row of the study that is built.

    That nothing is wrong is remembered: the same rows judged by the same project are sound the
    next time too. What is wrong is found anew each time.

    Parameters
    ----------
    folder
        Where an empty file stands for each study that was found sound.
    supplied_policies
        Policies that the raw folder has lists of; None where that is not known yet. Then rows may
        name any policy, and dates of one that only the folder has are taken for unknown columns.
    """
    verdict = folder / _state(supplied_policies)
    if verdict.exists():
        return StudyFaults()
    found = _judged(supplied_policies)
    if found == StudyFaults():
        # Where nothing may be written it is judged anew each time.
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            verdict.touch()
    return found


def _judged(supplied_policies: Collection[str] | None = None) -> StudyFaults:
    # They bring pandas along, which a check of a sound study does without.
    from urban_resilience.estimation.checked_specs import spec_problems
    from urban_resilience.intake.checking.series_rows import raw_column_problems
    from urban_resilience.intake.checking.study_rows import study_problems
    from urban_resilience.variables.checked_variables import variable_problems

    if of_series := raw_column_problems():
        return StudyFaults(tuple(of_series))
    policies = sorted(supplied_policies or ())
    known = None
    if supplied_policies is not None:
        known = sorted({*policies, *(row["policy_id"] for row in seed_rows("policy_pilots"))})
    of_variables, of_specs = variable_problems(policies), spec_problems(known)
    return StudyFaults((), (*study_problems(), *of_variables, *of_specs))


def _state(supplied_policies: Collection[str] | None) -> str:
    """Name the state of rows and project, and of the database that conditions are tried on."""
    named = "unknown" if supplied_policies is None else " ".join(sorted(supplied_policies))
    state = f"{fingerprint_project(ROOT, JUDGING)} {duckdb.__version__} {named}"
    return hashlib.sha256(state.encode()).hexdigest()[:32]
