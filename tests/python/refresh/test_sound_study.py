"""A study is judged once for as long as its rows and the project stay."""

from __future__ import annotations

import csv
import shutil

import pytest

from urban_resilience.refresh import build, sound_study
from urban_resilience.refresh.sound_study import StudyFaults, judge_study
from urban_resilience.shared.problems import IntakeError, Problem
from urban_resilience.shared.project import ROOT, SEEDS_VARIABLE

FAULT = Problem("a seed", "is wrong.", "Correct it.")


@pytest.fixture
def judged(monkeypatch):
    """Count how often the rows are judged; ``wrong`` holds what is found."""
    found = {"times": 0, "wrong": StudyFaults()}

    def judge(policies) -> StudyFaults:
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


def test_a_study_is_judged_anew_where_the_folder_brings_other_policies(tmp_path, judged):
    for policies in (None, ("night",), ("night",), ("night", "day"), None):
        judge_study(tmp_path, policies)
    assert judged["times"] == 3


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        # Not known yet: a name that only the folder may have passes, its date does not.
        (None, ["night_year"]),
        ((), ["night_year", "policy_id 'night' has no pilots"]),
        (("night",), []),
    ],
)
def test_policies_of_the_folder_are_policies_of_the_study(tmp_path, monkeypatch, policies, said):
    seeds = tmp_path / "seeds"
    shutil.copytree(ROOT / "seeds", seeds)
    monkeypatch.setenv(SEEDS_VARIABLE, str(seeds))
    path = seeds / "study" / "regression_specs.csv"
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    plain = dict(zip(header, next(row for row in rows if "did" in row), strict=True))
    added = [
        {**plain, "spec_id": "of_night", "policy_id": "night", "batches": ""},
        {**plain, "spec_id": "before_night", "sample_filter": "year < night_year"},
    ]
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([row.values() for row in added])
    found = [str(problem) for problem in sound_study._judged(policies).of_rows]
    assert len(found) == len(said), found
    assert all(any(words in problem for problem in found) for words in said), found


def test_a_folder_that_cannot_be_read_is_no_fault_of_the_rows(tmp_path, monkeypatch):
    """Which policies it lists is asked where a row looks wrong; its own faults come with it."""
    monkeypatch.setattr(build, "judge_study", lambda **_: StudyFaults(of_rows=(FAULT,)))
    with pytest.raises(IntakeError) as raised:
        build.check_study(tmp_path / "nowhere")
    assert raised.value.problems == (FAULT,)
