"""A study is judged once for as long as its rows and the project stay."""

from __future__ import annotations

import shutil

import pytest

from urban_resilience.refresh import sound_study
from urban_resilience.refresh.sound_study import StudyFaults, judge_study
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import ROOT, SEEDS_VARIABLE

FAULT = Problem("a seed", "is wrong.", "Correct it.")


@pytest.fixture
def judged(monkeypatch):
    """Count how often the rows are judged; ``wrong`` holds what is found."""
    found = {"times": 0, "wrong": StudyFaults()}

    def judge() -> StudyFaults:
        found["times"] += 1
        return found["wrong"]

    monkeypatch.setattr(sound_study, "_judged", judge)
    return found


def test_a_sound_study_is_judged_once(tmp_path, judged):
    assert judge_study(tmp_path) == judge_study(tmp_path) == StudyFaults()
    assert judged["times"] == 1


def test_what_is_wrong_is_found_every_time(tmp_path, judged):
    judged["wrong"] = StudyFaults((), (FAULT,))
    assert judge_study(tmp_path) == judge_study(tmp_path) == StudyFaults((), (FAULT,))
    assert judged["times"] == 2


def test_other_rows_are_judged_anew(tmp_path, judged, monkeypatch):
    seeds = tmp_path / "seeds"
    shutil.copytree(ROOT / "seeds", seeds)
    monkeypatch.setenv(SEEDS_VARIABLE, str(seeds))
    judge_study(tmp_path / "verdicts")
    judge_study(tmp_path / "verdicts")
    assert judged["times"] == 1
    specs = seeds / "study" / "regression_specs.csv"
    specs.write_text(specs.read_text("utf-8").replace("vagg", "waggle", 1), "utf-8")
    judge_study(tmp_path / "verdicts")
    assert judged["times"] == 2


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path, judged):
    (tmp_path / "file").write_text("")
    assert judge_study(tmp_path / "file" / "below") == StudyFaults()


def test_the_shipped_study_is_sound():
    assert sound_study._judged() == StudyFaults()
