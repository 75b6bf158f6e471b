"""Publishing: readers see the last good build, whole, whatever happens to a refresh."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from support import refresh_once
from support.publishing import (
    leftovers,
    places_in,
    refresh_small,
    small_build,
    values_in_marts,
    values_read,
    write_raw,
)
from urban_resilience.refresh.lock import AlreadyRunningError, exclusive_lock
from urban_resilience.refresh.nightly import roll_back
from urban_resilience.refresh.publish import NoSuchVersionError, kept_versions, published_version
from urban_resilience.refresh.runs import Run, read_runs, write_run

KILLS = 40


@pytest.fixture
def published(tmp_path):
    """A folder with one good night behind it: every value is 1."""
    write_raw(tmp_path, 1)
    assert refresh_small(tmp_path).run.outcome == "published"
    return tmp_path


def outcomes(folder):
    return [run.outcome for run in read_runs(places_in(folder).runs)]


def test_a_new_build_replaces_the_old_one(published):
    places = places_in(published)
    assert values_read(places.warehouse) == values_in_marts(places) == {1}
    write_raw(published, 2)
    result = refresh_small(published)
    assert result.line == "refresh 2 published (readers see version 2)"
    assert values_read(places.warehouse) == values_in_marts(places) == {2}
    assert leftovers(places) == []
    assert places.warehouse.stat().st_mode & 0o022 == 0


def test_nothing_changed_means_nothing_done(published):
    before = places_in(published).warehouse.stat().st_mtime_ns
    result = refresh_small(published, build=lambda *_: pytest.fail("built for nothing"))
    assert result.run.outcome == "unchanged"
    assert not result.failed
    assert places_in(published).warehouse.stat().st_mtime_ns == before
    assert refresh_small(published, force=True).run.outcome == "published"


def test_a_change_of_the_project_is_a_change(published):
    (published / "project" / "dbt_project.yml").write_text("vars: {a: 1}")
    assert refresh_small(published).run.outcome == "published"


def test_unit_tests_run_until_their_project_is_published(published):
    asked = []

    def watched(request):
        asked.append(request.unit_tests)
        return small_build(request)

    project = published / "project" / "dbt_project.yml"
    for text, value in (("", 2), ("vars: {a: 1}", -1), ("vars: {a: 1}", 3), ("vars: {a: 1}", 4)):
        project.write_text(text)
        write_raw(published, value)
        refresh_small(published, build=watched)
    # As published; changed, and failed; changed still; published.
    assert asked == [False, True, True, False]


def test_a_failed_build_leaves_the_published_file_byte_for_byte(published):
    places = places_in(published)
    before = places.warehouse.read_bytes()
    write_raw(published, -1)
    result = refresh_small(published)
    assert (result.run.outcome, result.run.reason) == ("failed", "the build ended with code 1")
    assert result.line.endswith("(readers see version 1)")
    assert places.warehouse.read_bytes() == before
    assert leftovers(places) == []


def test_an_exception_is_noted_and_raised(published):
    places = places_in(published)
    before = places.warehouse.read_bytes()

    def broken(request):
        request.warehouse.write_bytes(b"half a file")
        raise OSError(28, "No space left on device")

    write_raw(published, 2)
    with pytest.raises(OSError, match="No space"):
        refresh_small(published, build=broken)
    assert places.warehouse.read_bytes() == before
    assert read_runs(places.runs)[-1].reason == "OSError: [Errno 28] No space left on device"
    assert leftovers(places) == []
    assert refresh_small(published).run.outcome == "published"


def test_a_raw_file_that_changes_under_the_build_stops_it(published):
    def slow(request):
        code = small_build(request)
        write_raw(published, 3)
        return code

    write_raw(published, 2)
    result = refresh_small(published, build=slow)
    assert result.run.reason == "raw files changed while they were being read"
    assert values_read(places_in(published).warehouse) == {1}
    assert refresh_small(published).run.outcome == "published"
    assert values_read(places_in(published).warehouse) == {3}


def test_two_refreshes_do_not_meet(published):
    places = places_in(published)
    with (
        exclusive_lock(places.lock),
        pytest.raises(AlreadyRunningError, match=f"process {os.getpid()} is refreshing"),
    ):
        refresh_small(published)
    assert refresh_small(published).run.outcome == "unchanged"


@pytest.mark.parametrize("damage", ["truncated", "overwritten", "removed", "other log"])
def test_a_damaged_published_file_is_mended(published, damage):
    places = places_in(published)
    whole = places.warehouse.read_bytes()
    if damage == "truncated":
        places.warehouse.write_bytes(whole[: len(whole) // 2])
    elif damage == "overwritten":
        places.warehouse.write_bytes(whole[:5000] + b"x" * 5000 + whole[10000:])
    elif damage == "removed":
        places.warehouse.unlink()
    else:
        with duckdb.connect(str(places.warehouse)) as connection:
            connection.execute("create table stray (a int)")
    result = refresh_small(published)
    assert result.run.outcome == "unchanged"
    assert "published version 1 again" in result.notes[0]
    assert places.warehouse.read_bytes() == whole


def test_without_an_intact_version_it_is_built_anew(published):
    places = places_in(published)
    (version,) = kept_versions(places)
    version.file(places).write_bytes(b"gone")
    places.warehouse.write_bytes(b"gone too")
    result = refresh_small(published)
    assert "no kept version is intact" in result.notes[0]
    assert result.run.outcome == "published"
    assert values_read(places.warehouse) == {1}


def test_roll_back_and_forth(published):
    places = places_in(published)
    for value in (2, 3):
        write_raw(published, value)
        refresh_small(published)
    assert roll_back(places).line == "refresh 4 rolled_back: to version 2 (readers see version 2)"
    assert values_read(places.warehouse) == values_in_marts(places) == {2}
    # The inputs of the bad night are still there: it must not come back by itself.
    assert refresh_small(published).run.outcome == "unchanged"
    assert values_read(places.warehouse) == {2}
    roll_back(places, to=1)
    assert values_read(places.warehouse) == {1}
    with pytest.raises(NoSuchVersionError, match="version 9 is not kept; kept: 1, 2, 3"):
        roll_back(places, to=9)
    write_raw(published, 4)
    assert refresh_small(published).run.outcome == "published"
    assert values_read(places.warehouse) == {4}


def test_only_the_last_versions_are_kept(published):
    places = places_in(published)
    for value in (2, 3, 4):
        write_raw(published, value)
        refresh_small(published, keep=2)
    assert [version.run_id for version in kept_versions(places)] == [3, 4]


def test_the_history_is_in_the_warehouse_and_beside_it(published):
    places = places_in(published)
    write_raw(published, -1)
    refresh_small(published)
    write_raw(published, 2)
    refresh_small(published)
    with duckdb.connect(str(places.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select run_id, outcome, reason, row_counts['panel.city_years'], version"
            " from quality.fct_build_runs order by run_id"
        ).fetchall()
    assert rows == [
        (1, "published", None, 2000, 1),
        (2, "failed", "the build ended with code 1", None, 1),
        (3, "published", None, 2000, 3),
    ]


def test_run_numbers_do_not_follow_the_clock(published):
    runs = places_in(published).runs
    write_run(runs, Run(7, "failed", "2099-01-01T00:00:00Z"))
    write_raw(published, 2)
    assert refresh_small(published).run.run_id == 8
    assert kept_versions(places_in(published))[-1].run_id == 8


def test_a_line_cut_short_does_not_spoil_the_history(published):
    runs = places_in(published).runs
    with runs.open("a") as file:
        file.write('{"run_id": 2, "outco')
    write_raw(published, 2)
    refresh_small(published)
    assert outcomes(published) == ["published", "published"]
    assert all(json.loads(line) for line in runs.read_text().splitlines()[-1:])


def test_a_reader_keeps_what_it_opened(published):
    places = places_in(published)
    with duckdb.connect(str(places.warehouse), read_only=True) as reader:
        write_raw(published, 2)
        assert refresh_small(published).run.outcome == "published"
        seen = reader.execute("select distinct value from panel.city_years").fetchall()
    assert seen == [(1,)]
    assert values_read(places.warehouse) == {2}


@pytest.mark.slow
def test_twenty_readers_never_see_a_blend(published):
    places = places_in(published)
    faults, reads, stop = [], [], threading.Event()

    def read():
        while not stop.is_set():
            try:
                seen = subprocess_free_read(places.warehouse)
            except Exception as error:
                faults.append(repr(error))
                return
            if len(seen) != 1:
                faults.append(f"a blend of {seen}")
            reads.append(next(iter(seen)))

    threads = [threading.Thread(target=read) for _ in range(20)]
    for thread in threads:
        thread.start()
    for value in range(2, 5):
        write_raw(published, value)
        refresh_small(published)
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(set(reads)) > 1


def subprocess_free_read(path: Path) -> set[int]:
    """Read through a name of its own: one process holds one instance of a DuckDB file."""
    own = path.with_name(f"reader-{threading.get_ident()}.duckdb")
    own.unlink(missing_ok=True)
    os.link(path, own)
    try:
        return values_read(own)
    finally:
        own.unlink()


@pytest.mark.slow
def test_kill_at_any_moment(published):
    """Kill -9: readers see the old build or the new one, and the next run mends the rest."""
    places, rng = places_in(published), random.Random(11)
    seen, interrupted, value, window = 1, 0, 1, 0.4
    for _ in range(KILLS):
        value += 1
        write_raw(published, value)
        process = refresh_once.start(published, pause=0.03)
        wait_until_it_works(places, process)
        time.sleep(rng.uniform(0, window))
        process.kill()
        process.join()
        (now,) = values_read(places.warehouse)
        assert now in (seen, value)
        interrupted += now == seen
        # However fast the machine is today, some kills must come too late.
        window *= 1.15 if now == seen else 0.75
        seen = now
    assert 0 < interrupted < KILLS, "the kills did not spread over the refresh"
    refresh_small(published)
    assert values_read(places.warehouse) == values_in_marts(places) == {value}
    assert leftovers(places) == []
    assert "running" not in outcomes(published)
    assert published_version(places).is_intact(places)


@pytest.mark.slow
def test_kill_before_and_after_every_durable_step(published):
    """Every copy, rename and sync of a refresh, one after the other, until one run gets through."""
    places, seen, step = places_in(published), 1, 0
    survived = False
    while not survived:
        step += 1
        write_raw(published, 1 + step)
        process = refresh_once.start(published, last_step=step)
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        survived = process.exitcode == 0
        (now,) = values_read(places.warehouse)
        assert now in (seen, 1 + step), f"killed at step {step}"
        seen = now
    # Two records of the run, the manifest, the move to the versions, the copy and its sync, two
    # renames and a sync of the folder: before and after each.
    assert step > 16
    assert seen == 1 + step
    assert values_in_marts(places) == {seen}
    assert leftovers(places) == []
    assert "running" not in outcomes(published)


def wait_until_it_works(places, process):
    """Until the process has begun its run, so that kills fall into the refresh, not the imports."""
    known = len(places.runs.read_text().splitlines())
    while process.is_alive() and len(places.runs.read_text().splitlines()) == known:
        time.sleep(0.002)


def test_a_full_disk_leaves_the_published_file(published):
    places = places_in(published)
    before = places.warehouse.read_bytes()
    limit = 20_000  # bytes: the process may write no file larger than that

    def on_a_full_disk(request):
        code = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
sys.path.insert(0, {str(Path(refresh_once.__file__).parents[1])!r})
from pathlib import Path
from support.publishing import small_build
from urban_resilience.refresh.request import BuildRequest
small_build(BuildRequest(Path({str(request.raw)!r}), Path({str(request.warehouse)!r})))
"""
        command = [sys.executable, "-c", code]
        return subprocess.run(command, capture_output=True, check=False).returncode

    write_raw(published, 2)
    assert refresh_small(published, build=on_a_full_disk).run.outcome == "failed"
    assert places.warehouse.read_bytes() == before
    assert leftovers(places) == []


def test_the_first_night_needs_nothing(tmp_path):
    write_raw(tmp_path, 5)
    shutil.rmtree(places_in(tmp_path).warehouse.parent, ignore_errors=True)
    assert refresh_small(tmp_path).run.run_id == 1
    assert values_read(places_in(tmp_path).warehouse) == {5}
