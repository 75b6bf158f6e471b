"""Faults on night two: full disks, clocks, crowds of readers, bad files, seeds edited to nonsense.

After each, readers have the last good build or the new one, whole, and the next run finds nothing
that it does not clean up. Kills, locks and damaged files are in ``test_refresh.py``.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from support import bad_files, bad_rows, read_loop
from support.project import add_row
from support.publishing import (
    TABLES,
    assert_sound,
    leftovers,
    places_in,
    refresh_small,
    values_read,
    write_raw,
)
from support.raw import save
from support.small_night import Night
from support.small_project import small_project
from urban_resilience.refresh import runs
from urban_resilience.refresh.nightly import roll_back
from urban_resilience.refresh.runs import Run, read_runs, write_run
from urban_resilience.shared.digest import digest_file

pytestmark = pytest.mark.slow

READERS = 20
NOBODY = 65534
# Between two queries of a reader: twenty that never rest would starve the refresh of processor.
PAUSE = 0.1


@pytest.fixture
def published(tmp_path):
    """A folder with one good night behind it: every value is 1."""
    write_raw(tmp_path, 1)
    assert refresh_small(tmp_path).run.outcome == "published"
    return tmp_path


# --- a full disk ----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own for the warehouse; 24 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    folder = tmp_path / "warehouse"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_full_at_any_moment(small_disk):
    """Less space each time: it runs out while building, exporting, copying and noting."""
    places = places_in(small_disk)
    write_raw(small_disk, 1)
    refresh_small(small_disk)
    seen, value, outcomes = places.warehouse.stat().st_size, 1, []
    filler = small_disk / "warehouse" / ".study.filler"
    for tenths in (0, 1, 3, 5, 8, 10, 12, 15, 19, 20, 21, 22, 23, 24, 26, 30, 40):
        free = seen * tenths // 10
        space = os.statvfs(places.warehouse.parent)
        filler.write_bytes(b"x" * max(0, space.f_bavail * space.f_frsize - free))
        before = digest_file(places.warehouse)
        value += 1
        write_raw(small_disk, value)
        try:
            outcomes.append(refresh_small(small_disk, keep=2).run.outcome)
        except (OSError, duckdb.Error):
            outcomes.append("raised")
        assert places.warehouse.exists()
        assert values_read(places.warehouse) <= {value} or digest_file(places.warehouse) == before
        filler.unlink()
        value += 1
        write_raw(small_disk, value)
        assert refresh_small(small_disk, keep=2).run.outcome == "published"
        assert_sound(places, None)
        assert values_read(places.warehouse) == {value}
        assert leftovers(places) == []
        assert "running" not in [run.outcome for run in read_runs(places.runs)]
        assert len(list(places.versions.iterdir())) == 2
    assert outcomes[0] == "raised"
    assert outcomes[-1] == "published"


# --- clocks ---------------------------------------------------------------------------------------


def test_a_clock_that_goes_backwards_changes_no_order(published, monkeypatch):
    places, hours = places_in(published), iter(range(1, 1000))

    class Backwards(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) - timedelta(hours=next(hours))

    monkeypatch.setattr(runs, "datetime", Backwards)
    for value in (2, -1, -1, 3):
        write_raw(published, value)
        refresh_small(published)
    refresh_small(published)
    killed_at = runs.now(after=runs.last_time(read_runs(places.runs)))
    write_run(places.runs, Run(7, "running", killed_at))
    refresh_small(published)
    roll_back(places)
    history = read_runs(places.runs)
    assert [run.run_id for run in history] == list(range(1, 10))
    assert [run.outcome for run in history][-4:] == [
        *("unchanged", "interrupted", "unchanged", "rolled_back"),
    ]
    times = [time for run in history for time in (run.started_at, run.finished_at)]
    assert times == sorted(times)
    starts = [run.started_at for run in history]
    assert len(set(starts)) == len(starts)
    assert datetime.fromisoformat(times[-1]) < datetime.now(UTC) + timedelta(minutes=5)


# --- crowds ---------------------------------------------------------------------------------------


def read_with_pandas(path: Path) -> set[int]:
    return set(pd.read_parquet(path)["value"])


def read_with_pyarrow(path: Path) -> set[int]:
    return set(pq.read_table(path)["value"].to_pylist())


def read_with_duckdb(path: Path) -> set[int]:
    with duckdb.connect() as connection:
        rows = connection.execute(f"select distinct value from read_parquet('{path}')").fetchall()
    return {value for (value,) in rows}


def test_twenty_readers_of_the_parquet_files(published):
    """One file is of one build by whatever path; several are, once the link is resolved."""
    places = places_in(published)
    faults, seen, stop = [], set(), threading.Event()

    def read(one_file, resolves: bool):
        while not stop.is_set():
            folder = Path(os.path.realpath(places.marts)) if resolves else places.marts
            try:
                values = [one_file(folder / f"{table}.parquet") for table in TABLES]
            except Exception as error:
                faults.append(repr(error))
                return
            together = [set.union(*values)] if resolves else values
            faults.extend(f"a blend of {found}" for found in together if len(found) != 1)
            seen.update(*values)
            time.sleep(PAUSE)

    ways = (read_with_pandas, read_with_pyarrow, read_with_duckdb)
    threads = [
        threading.Thread(target=read, args=(ways[number % 3], number % 2 == 0))
        for number in range(READERS)
    ]
    for thread in threads:
        thread.start()
    for value in range(2, 8):
        write_raw(published, value)
        refresh_small(published, keep=7)
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(seen) > 1


def test_a_link_resolved_once_stays_with_its_build(published):
    places = places_in(published)
    folder = Path(os.path.realpath(places.marts))
    first = read_with_duckdb(folder / f"{TABLES[0]}.parquet")
    write_raw(published, 2)
    refresh_small(published)
    assert read_with_duckdb(folder / f"{TABLES[1]}.parquet") == first == {1}
    assert read_with_duckdb(places.marts / f"{TABLES[1]}.parquet") == {2}


def test_twenty_processes_read_the_warehouse(published):
    places, stop = places_in(published), published / "stop"
    command = [sys.executable, read_loop.__file__, str(places.warehouse), str(stop), *TABLES]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    for reader in readers:
        assert reader.stdout.readline() == "ready\n"
    for value in range(2, 7):
        write_raw(published, value)
        assert refresh_small(published).run.outcome == "published"
        time.sleep(0.1)
    stop.touch()
    reports = [json.loads(reader.communicate(timeout=120)[0]) for reader in readers]
    assert [fault for report in reports for fault in report["faults"]] == []
    assert len(set().union(*(report["seen"] for report in reports))) > 1
    assert_sound(places, None)
    assert leftovers(places) == []


# --- a folder that cannot be written --------------------------------------------------------------


def refused(folder: Path, uid: int | None) -> None:
    """Refresh as a user whom file modes bind, and expect to be refused; for a child process."""
    if uid is not None:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    try:
        refresh_small(folder)
    except PermissionError:
        os._exit(3)
    os._exit(0)


@pytest.mark.parametrize("what", ["folder", "everything"])
def test_a_folder_that_cannot_be_written_is_an_error_not_a_loss(what):
    # Not below `tmp_path`, which other users may not even enter.
    folder = Path(tempfile.mkdtemp(prefix="urban_resilience_"))
    try:
        folder.chmod(0o755)
        write_raw(folder, 1)
        refresh_small(folder)
        write_raw(folder, 2)
        places, uid = places_in(folder), None
        before = digest_file(places.warehouse)
        own = places.warehouse.parent
        if os.geteuid() == 0:
            uid = NOBODY
            for path in [own, *own.rglob("*")] if what == "folder" else []:
                os.chown(path, uid, uid, follow_symlinks=False)
        elif what == "everything":
            pytest.skip("only root can make files that are another's")
        own.chmod(0o555)
        child = get_context("fork").Process(target=refused, args=(folder, uid))
        child.start()
        child.join(timeout=60)
        child.kill()
        assert child.exitcode == 3
        assert digest_file(places.warehouse) == before
        assert assert_sound(places, before).run_id == 1
        own.chmod(0o755)
        assert refresh_small(folder).run.outcome == "published"
        assert values_read(places.warehouse) == {2}
        assert leftovers(places) == []
    finally:
        shutil.rmtree(folder)


# --- night two with bad files and bad seeds, through the command that a scheduler runs ------------


@pytest.fixture(scope="module")
def good_files(small_files):
    names = ("city_yearbook", "national_series", "economic_census_employment")
    return {name: small_files[name] for name in names}


@pytest.fixture(scope="module")
def first_night(good_files, tmp_path_factory):
    night = Night(small_project(tmp_path_factory.mktemp("nights") / "project"))
    save(good_files, night.raw)
    night.run()
    assert night.code == 0, night.output[-3000:]
    assert night.last_line == "refresh 1 published (readers see version 1)"
    assert assert_sound(night.places, None).run_id == 1
    return night


def with_bad_yearbook(fault, files, raw):
    """A fault of one yearbook, among files that are as they were."""
    fault(files["city_yearbook"], raw)
    if raw.is_dir():
        for name in set(files) - {"city_yearbook"}:
            files[name].to_parquet(raw / f"{name}.parquet", index=False)


def empty_folder(files, raw):
    raw.mkdir()


def outside_the_folder(files, raw):
    save({**files, "city_yearbook": files["city_yearbook"].iloc[1:]}, raw)
    (raw / "city_yearbook.parquet").rename(raw.parent / "elsewhere.parquet")
    (raw / "city_yearbook.parquet").symlink_to(raw.parent / "elsewhere.parquet")


# Each with the words that name it; most are those of the tests of the intake.
BAD_NIGHTS = {
    f"file: {fault.__name__}": (partial(with_bad_yearbook, fault), words)
    for fault, words in bad_files.FAULTS.items()
}
BAD_NIGHTS |= {
    f"rows: {fault.__name__}": (fault, words)
    for fault, words in {
        bad_rows.other_cities: ("540 of 540 rows are rejected",),
        bad_rows.half_a_census: ("`employed_persons` is negative",),
        outside_the_folder: ("it is a link to something outside the folder",),
        empty_folder: ("is a city_yearbook", "make simulate"),
    }.items()
}


def odd_but_readable(files, raw):
    save({name: rows for name, rows in files.items() if name != "city_yearbook"}, raw)
    yearbook = files["city_yearbook"].copy()
    # One faulty row is set aside; that is no reason to stop.
    yearbook.loc[3, "gdp_100m_yuan"] = -5.0
    yearbook.to_csv(raw / "city_yearbook.csv", index=False, encoding="gb18030")


def edit(seed: str, change):
    """Return a fault that rewrites one seed of a project."""

    def fault(project: Path) -> None:
        (path,) = (project / "seeds").glob(f"*/{seed}.csv")
        path.write_bytes(change(path.read_bytes()))

    return fault


def unknown_control(project: Path) -> None:
    row = {"table_id": "x", "column_id": 1, "design": "twfe", "estimator": "ols"}
    row |= {"outcome": "resi", "treatment": "vagg", "cluster": "city_code"}
    add_row(project, "regression_specs", spec_id="mine", controls="pop __import__('os')", **row)


HOSTILE = b"gdp_100m_yuan); create table stolen as select 1; --"
BAD_SEEDS = {
    "unknown column in a regression": (
        unknown_control,
        ("seeds/study/regression_specs.csv: mine: column '__import__('os')' is not in",),
    ),
    "indicator that is SQL": (
        edit("resilience_indicators", lambda t: t.replace(b"gdp_100m_yuan", HOSTILE, 1)),
        ("seeds/study/resilience_indicators.csv: gdp_per_capita: expression: ",),
    ),
    "variable of a column that is not there": (
        edit(
            "panel_variables",
            lambda t: t.replace(b"ln(average_wage_yuan)", b"ln(averige_wage_yuan)"),
        ),
        (
            "panel_variables.csv: wage: expression: 'averige_wage_yuan' is no name of the study",
            "nearest: average_wage_yuan",
        ),
    ),
    "a column less": (
        edit("index_indicators", lambda t: t.replace(b"direction_used", b"direction", 1)),
        ("index_indicators", "direction_used"),
    ),
    "truncated": (
        edit("resilience_indicators", lambda t: t[: t.rindex(b",", 0, -700)]),
        ("seeds/study/resilience_indicators.csv: record", "cells, the header has"),
    ),
    "binary": (
        edit("resilience_indicators", lambda t: random.Random(1).randbytes(4000)),
        ("seeds/study/resilience_indicators.csv: it cannot be read as CSV in UTF-8",),
    ),
    "binary, of the intake": (
        edit("column_aliases", lambda t: random.Random(1).randbytes(4000)),
        ("seeds/reference/column_aliases.csv: it cannot be read as CSV in UTF-8",),
    ),
}


@pytest.fixture(scope="module")
def nights(request, first_night, good_files, tmp_path_factory):
    """Every second night that some test asks for."""
    folder = tmp_path_factory.mktemp("second")

    def bad(fault: str) -> Night:
        night = first_night.another(folder / fault.replace(":", ""))
        if fault in BAD_SEEDS:
            BAD_SEEDS[fault][0](night.folder)
        else:
            shutil.rmtree(night.raw)
            BAD_NIGHTS[fault][0](good_files, night.raw)
        return night.run()

    asked = [item.callspec.params.get("fault") for item in request.session.items
             if hasattr(item, "callspec")]  # fmt: skip
    return {fault: bad(fault) for fault in (*BAD_NIGHTS, *BAD_SEEDS) if fault in asked}


@pytest.mark.parametrize("fault", [*BAD_NIGHTS, *BAD_SEEDS])
def test_a_bad_second_night_changes_nothing_for_readers(nights, fault):
    night = nights[fault]
    assert night.code == 1, night.output[-3000:]
    assert night.last_line.startswith("refresh 2 failed: "), night.last_line
    assert night.last_line.endswith("(readers see version 1)")
    assert digest_file(night.places.warehouse) == night.before
    assert assert_sound(night.places, night.before).run_id == 1
    assert leftovers(night.places) == []
    assert [run.outcome for run in read_runs(night.places.runs)] == ["published", "failed"]
    words = (BAD_NIGHTS | BAD_SEEDS)[fault][1]
    lines = night.output.splitlines()
    assert all(any(word in line for line in lines) for word in words), night.output[-3000:]
    if words[0].startswith("seeds/"):
        assert words[0] in night.last_line
    # Everything is said in words alone.
    assert "Traceback" not in night.output


def test_the_night_after_a_bad_one_publishes(first_night, good_files, tmp_path):
    night = first_night.another(tmp_path / "third")
    shutil.rmtree(night.raw)
    empty_folder(good_files, night.raw)
    assert night.run().code == 1
    night.raw.rmdir()
    odd_but_readable(good_files, night.raw)
    night.run()
    assert night.last_line == "refresh 3 published (readers see version 3)", night.output[-3000:]
    assert night.code == 0
    assert assert_sound(night.places, None).run_id == 3
    assert leftovers(night.places) == []
    with duckdb.connect(str(night.places.warehouse), read_only=True) as connection:
        rows = connection.execute("select rule from quality.fct_rejected_rows").fetchall()
    assert rows == [("negative",)]
