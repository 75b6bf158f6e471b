"""Corrupted raw files on the night after a good one: none is published in silence.

Whatever is computed from raw rows is computed from the staged tables, and behind the raw gate
(test_quality_gates.py). So a build whose staged rows are those of the clean folder is the clean
build, and one whose rows differ must be stopped, or say in an expectation which file and column.
`FUZZ=all` tries every corruption there is instead of a sample.

On a first night nothing is published: what a folder shows by itself must do. These corruptions are
made of all cities, which hold each other. What became of each, on a first and on a second night,
is on record (support/night_record.py), and the table of docs/quality.md is made of that: a sample
is held against the record, with `FUZZ=all` every one; `FUZZ=write` writes record and table anew.
Either takes most of an hour, notes endings as they come and goes on where it was cut short.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from support.corruptions import (
    COUNTS,
    TABLES,
    Corruption,
    clean_files,
    corruptions,
    member_counts,
    sample,
    save_clean,
)
from support.dbt import ROOT
from support.first_nights import first_night_corruptions, unknowable
from support.night_record import (
    KINDS,
    NOTES,
    SILENT,
    Notes,
    as_table,
    ending,
    read_record,
    table_in_page,
    write_record,
)
from support.raw import RawFiles, load
from support.raw_stage import FIRST, SECOND, Night, RawStage
from support.real_night import real_night
from support.verdicts import ERROR, HARMLESS, INTAKE, LAYERS, WARNING, Verdict, is_named, judge

pytestmark = pytest.mark.slow

SAMPLE = 240
EVERY = os.environ.get("FUZZ") in ("all", "write")
REPORT = ROOT / "target" / "fuzz_report.csv"
# How many corruptions of each layer are tried with dbt itself.
REAL = {layer: 2 if layer in (ERROR, WARNING) else 1 for layer in LAYERS}


@dataclass(frozen=True)
class Outcome:
    corruption: Corruption
    night: Night
    verdict: Verdict


@pytest.fixture(scope="module")
def clean(small_files, tmp_path_factory) -> dict[bool, Path]:
    """Clean folders: with records of members, and (True) with counts in their place."""
    folder = tmp_path_factory.mktemp("clean")
    pilots = pd.read_csv(
        ROOT / "seeds" / "reference" / "policy_pilots.csv", dtype={"city_code": str, "batch": str}
    )
    files = clean_files(small_files, pilots)
    members = files["platform_members"]
    others = {name: frame for name, frame in files.items() if name != "platform_members"}
    return {
        False: save_clean(files, folder / "records"),
        True: save_clean({**others, COUNTS: member_counts(members)}, folder / "counts"),
    }


@pytest.fixture(scope="module")
def stage(clean, tmp_path_factory) -> RawStage:
    return RawStage(tmp_path_factory.mktemp("fuzz") / "stage", clean[False])


def spoil(corruption: Corruption, clean: dict[bool, Path], folder: Path) -> Path:
    """Put a corrupted copy of the clean folder in place."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(clean[corruption.table == COUNTS], folder, copy_function=os.link)
    corruption.write(folder)
    return folder


@pytest.fixture(scope="module")
def outcomes(stage, clean, tmp_path_factory) -> list[Outcome]:
    """What became of every corruption, on the second night."""
    folder = tmp_path_factory.mktemp("case") / "raw"
    chosen = corruptions() if EVERY else sample(SAMPLE)
    found = []
    for with_counts in (True, False):
        stage.publish(clean[with_counts])
        for corruption in chosen:
            if (corruption.table == COUNTS) == with_counts:
                raw = spoil(corruption, clean, folder)
                (night,) = stage.judge(raw, partial(is_named, corruption))
                found.append(Outcome(corruption, night, judge(corruption, night)))
    _report(found)
    return found


def _report(outcomes: list[Outcome]) -> None:
    """Write how many corruptions of each kind were caught where."""
    counts = Counter((o.corruption.kind, o.verdict.layer) for o in outcomes)
    kinds = sorted({kind for kind, _ in counts}, key=lambda kind: (kind == "control", kind))
    table = pd.DataFrame(
        [[counts[kind, layer] for layer in LAYERS] for kind in kinds], index=kinds, columns=LAYERS
    )
    table.loc["all but controls"] = table.drop(index="control").sum()
    REPORT.parent.mkdir(exist_ok=True)
    table.to_csv(REPORT, index_label="kind")
    print(table.to_string())


def test_raw_files_are_read_by_staging_alone(stage):
    # What the other tests stand on: equal staged rows make equal builds.
    manifest = json.loads((stage.workspace / "target" / "manifest.json").read_text())
    readers = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and any(".raw." in parent for parent in node["depends_on"]["nodes"])
    }
    assert {name for name in readers if not name.startswith(("base_", "stg_"))} == {
        "fct_raw_files",
        "rpt_freshness",
    }


def test_enough_corruptions_of_every_kind_are_tried(outcomes):
    spoiled = [o for o in outcomes if not o.corruption.is_control]
    # A file in another encoding is read as it was: a corruption that does nothing proves nothing.
    assert sum(o.verdict.layer != HARMLESS for o in spoiled) >= 200
    assert {o.verdict.layer for o in spoiled} == set(LAYERS)
    # Of every table each kind at least once.
    assert {(o.corruption.table, o.corruption.kind) for o in outcomes} == {
        (c.table, c.kind) for c in corruptions()
    }


def test_no_corruption_is_published_in_silence(outcomes):
    faults = [f"{o.corruption.name}: {o.verdict.fault}" for o in outcomes if o.verdict.fault]
    assert not faults, "\n".join(faults)


def test_what_changes_nothing_is_read_as_before(outcomes):
    controls = [o for o in outcomes if o.corruption.is_control]
    assert len(controls) >= 20
    assert [o.corruption.name for o in controls if o.verdict.layer != HARMLESS] == []


def test_the_shortcut_says_what_dbt_says(outcomes, stage, clean, tmp_path):
    left = Counter(REAL)
    chosen = []
    for outcome in outcomes:
        layer = outcome.verdict.layer
        if outcome.corruption.table != COUNTS and left[layer]:
            left[layer] -= 1
            chosen.append(outcome)
    assert not +left
    for number, outcome in enumerate(chosen):
        raw = spoil(outcome.corruption, clean, tmp_path / f"raw_{number}")
        real = real_night(raw, stage.marts, stage.built, tmp_path / f"night_{number}")
        _compare(outcome, real, stage)


def _compare(outcome: Outcome, real: dict, stage: RawStage) -> None:
    name, night = outcome.corruption.name, outcome.night
    assert bool(real["refused"]) == bool(night.refused), name
    if night.refused:
        assert outcome.verdict.layer == INTAKE
        return
    failed = set(real["failed"])
    if night.failed_tests:
        # What is downstream of a failed test is skipped, and its tests with it.
        assert failed and failed <= set(night.failed_tests), name
        return
    assert failed == ({"gate_dq_raw_"} if night.is_stopped else set()), name
    assert real["changed"] == sorted(night.changed), name
    unmet = {result["expectation_id"] for result in night.unmet}
    assert unmet <= set(real["unmet"]), name
    if night.is_stopped:
        errors = set(stage.seed.loc[stage.seed["severity"] == "error", "expectation_id"])
        assert errors & unmet == errors & set(real["unmet"]), name


@pytest.fixture(scope="module")
def whole(simulated_raw, tmp_path_factory) -> Path:
    """A clean folder of all cities, with a few of the members."""
    files: RawFiles = load(simulated_raw)
    members = files["platform_members"].iloc[::25].reset_index(drop=True)
    # Whole numbers, as in the contract: the intake takes such a file as it is.
    files["platform_members"] = members.astype({"expired_year": "Int32"})
    known = {name: frame for name, frame in files.items() if name in TABLES}
    return save_clean(known, tmp_path_factory.mktemp("whole") / "raw")


def one_of_each_kind(corruptions: list[Corruption]) -> list[Corruption]:
    """Take the middle one of each kind."""
    kinds: dict[str, list[Corruption]] = {}
    for corruption in corruptions:
        kinds.setdefault(corruption.kind, []).append(corruption)
    return [members[len(members) // 2] for members in kinds.values()]


def test_the_record_is_of_corruptions_there_are():
    listed = {(c.name, c.kind) for c in (*first_night_corruptions(), *unknowable())}
    record = read_record()
    assert set(record[["name", "kind"]].itertuples(index=False, name=None)) <= listed
    assert record["name"].is_unique
    assert {kind for _, kind in listed} == set(KINDS)


def test_the_table_of_the_documents_is_that_of_the_record():
    listed = Counter(c.kind for c in (*first_night_corruptions(), *unknowable()))
    assert table_in_page() == as_table(read_record(), listed)


def test_notes_are_taken_up_again_where_the_same_gates_judge(tmp_path):
    notes = Notes("these gates", tmp_path / "notes.csv")
    assert notes.read() == {}
    notes.add("output, turned", ("warned", "stopped"))
    Notes("other gates", notes.path).add("output, turned", ("silent", "silent"))
    assert notes.read() == {"output, turned": ("warned", "stopped")}


def test_whatever_is_on_record_was_named_but_for_what_cannot_be_known():
    record = read_record()
    silent = record[FIRST] == SILENT
    assert (silent == (record["kind"] == "unknowable")).all()
    assert SILENT not in set(record[SECOND])


# Last in this file: the stage holds another folder from here on.
def test_nights_end_as_on_record(stage, whole, tmp_path):
    nights = (FIRST, SECOND) if EVERY else (FIRST,)
    stage.publish(whole, nights)
    assert [stage.unmet_when_clean(night) for night in nights] == [[]] * len(nights)
    every = first_night_corruptions()
    # All of what cannot be known: named after all, it belongs among the others.
    chosen = [*(every if EVERY else one_of_each_kind(every)), *unknowable()]
    notes = Notes(stage.judged_by(), NOTES if EVERY else tmp_path / "notes.csv")
    noted = notes.read()
    rows, faults = [], {}
    for corruption in chosen:
        endings = noted.get(corruption.name)
        if endings is None:
            raw = _spoiled(corruption, whole, tmp_path / "raw")
            judged = stage.judge(raw, partial(is_named, corruption), nights)
            verdicts = [judge(corruption, night) for night in judged]
            endings = tuple(map(ending, verdicts))
            faults[corruption.name] = "; ".join(v.fault for v in verdicts)
            notes.add(corruption.name, endings)
        rows.append((corruption.name, corruption.kind, *endings))
    found = pd.DataFrame(rows, columns=["name", "kind", *nights]).set_index("name")
    silent = found[(found[list(nights)] == SILENT).any(axis=1) & (found["kind"] != "unknowable")]
    assert silent.empty, silent.assign(fault=silent.index.map(faults)).to_string()
    if os.environ.get("FUZZ") == "write":
        write_record(found.reset_index(), Counter(found["kind"]))
    record = read_record().set_index("name")
    known = found.index.intersection(record.index)
    other = known[(found.loc[known, list(nights)] != record.loc[known, list(nights)]).any(axis=1)]
    assert other.empty, found.loc[other].to_string()


def _spoiled(corruption: Corruption, clean: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(clean, folder, copy_function=os.link)
    corruption.write(folder)
    return folder
