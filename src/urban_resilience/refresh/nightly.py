"""Build aside, audit, publish; or leave readers with what they had and say why."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb

from urban_resilience.intake import IntakeError, data_origin
from urban_resilience.refresh.append_rows import replace_text
from urban_resilience.refresh.evaluations import OFFENDING_ROWS, RESULTS, keep_evaluations
from urban_resilience.refresh.export import count_rows, export_marts, finish_file
from urban_resilience.refresh.failures import FAILING_ROWS, keep_failing_rows
from urban_resilience.refresh.fingerprints import (
    fingerprint_inputs,
    fingerprint_project,
    git_revision,
)
from urban_resilience.refresh.lock import exclusive_lock
from urban_resilience.refresh.nodes import NODES, failed_nodes, keep_nodes
from urban_resilience.refresh.places import Places
from urban_resilience.refresh.publish import (
    MARTS,
    SITE,
    discard,
    find_version,
    keep_version,
    kept_versions,
    number_of,
    prune_versions,
    publish,
    published_version,
    readable_by_others,
)
from urban_resilience.refresh.recover import recover
from urban_resilience.refresh.request import BuildRequest
from urban_resilience.refresh.runs import (
    FAILED,
    PUBLISHED,
    ROLLED_BACK,
    RUNNING,
    UNCHANGED,
    Run,
    last_time,
    now,
    read_runs,
    write_run,
)
from urban_resilience.reporting.quality_page import QualityFiles, quality_page
from urban_resilience.shared.project import STUDY_VARIABLE

PAGE = "report.html"
# Returns the exit code of the build.
Builder = Callable[[BuildRequest], int]
# Writes the pages of a built file into a folder, and returns what to note about them.
PageWriter = Callable[[Path, Path], str]


@dataclass(frozen=True)
class RefreshResult:
    """How a refresh ended, with everything it noticed on the way."""

    run: Run
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether readers have to do with what they had."""
        return self.run.outcome == FAILED

    @property
    def line(self) -> str:
        """One line for a scheduler's log."""
        detail = f": {self.run.reason}" if self.run.reason else ""
        seen = self.run.version if self.run.version is not None else "none"
        return f"refresh {self.run.run_id} {self.run.outcome}{detail} (readers see version {seen})"


def refresh(
    places: Places,
    raw: Path,
    root: Path,
    build: Builder,
    *,
    force: bool = False,
    accept_changes: bool = False,
    keep: int = 7,
    run_results: Path | None = None,
    write_pages: PageWriter | None = None,
) -> RefreshResult:
    """Refresh a warehouse once.

    Parameters
    ----------
    places
        Of the published warehouse.
    raw
        Folder of raw files.
    root
        Project, for its fingerprint.
    build
        Builds and audits: returns 0 when every check passed.
    force
        Build even where nothing changed since the last publication.
    accept_changes
        Let comparisons with the published build warn instead of stop.
    keep
        Published versions to keep.
    run_results
        dbt's ``run_results.json``, written by ``build``.
    write_pages
        Writes the pages that are published with the build; none are without it.

    Raises
    ------
    AlreadyRunningError
        Another refresh of this warehouse is at work.
    """
    with readable_by_others(), exclusive_lock(places.lock):
        notes = recover(places)
        earlier = read_runs(places.runs)
        run = Run(
            run_id=_next_number(places, earlier),
            outcome=RUNNING,
            started_at=now(after=last_time(earlier)),
            git_revision=git_revision(root),
            project_fingerprint=fingerprint_project(root),
            raw_fingerprints=fingerprint_inputs(raw),
        )
        seen = published_version(places)
        run = replace(run, version=seen.run_id if seen else None)
        if not force and seen and _is_unchanged(run, earlier):
            run = replace(run, outcome=UNCHANGED, finished_at=now(not_before=run.started_at))
            write_run(places.runs, run)
            return RefreshResult(run, tuple(notes))
        write_run(places.runs, run)
        pages = _Pages(write_pages)
        try:
            request = _request(places, raw, run, accept_changes)
            # Unit tests are of the code, and know no study but the shipped one.
            is_shipped = not os.environ.get(STUDY_VARIABLE, "").strip()
            request = replace(request, unit_tests=is_shipped and _is_new_project(run, earlier))
            run = _build_and_publish(places, build, run, request, run_results, pages)
        except Exception as error:
            _abandon(places, run, error)
            raise
        finally:
            # At once, not by the next run: a full disk should not stay full.
            shutil.rmtree(places.building, ignore_errors=True)
        notes += [pages.note] if pages.note else []
        notes += _show(places, data_origin(raw))
        if run.outcome == PUBLISHED:
            gone = prune_versions(places, keep, run.run_id)
            notes += [f"removed version {old}" for old in gone]
        return RefreshResult(run, tuple(notes))


def roll_back(places: Places, to: int | None = None) -> RefreshResult:
    """Publish a kept version again: the one before the current, or the one named.

    Raises
    ------
    NoSuchVersionError, AlreadyRunningError
    """
    with readable_by_others(), exclusive_lock(places.lock):
        notes = recover(places)
        seen = published_version(places)
        if to is None:
            to = (seen.run_id if seen else 0) - 1
            older = [run.version for run in read_runs(places.runs) if run.outcome == PUBLISHED]
            to = max((v for v in older if v is not None and v <= to), default=to)
        version = find_version(places, to)
        publish(places, version)
        earlier = read_runs(places.runs)
        time = now(after=last_time(earlier))
        number = _next_number(places, earlier)
        run = Run(number, ROLLED_BACK, time, time, f"to version {to}", version=to)
        write_run(places.runs, run)
        return RefreshResult(run, tuple(notes))


@dataclass
class _Pages:
    """The pages of a build: readers have their warehouse whether or not they can be written."""

    write: PageWriter | None
    note: str = ""

    def add(self, built: Path, folder: Path) -> None:
        if self.write is None:
            return
        try:
            self.note = self.write(built, folder)
        except (OSError, ValueError, LookupError, duckdb.Error) as error:
            shutil.rmtree(folder, ignore_errors=True)
            self.note = f"the pages could not be written: {type(error).__name__}: {error}"


def _build_and_publish(
    places: Places,
    build: Builder,
    run: Run,
    request: BuildRequest,
    run_results: Path | None,
    pages: _Pages,
) -> Run:
    built = request.warehouse
    built.parent.mkdir(parents=True)
    if run_results is not None:
        # What an earlier run left there is not what this one did.
        run_results.unlink(missing_ok=True)
    try:
        code = build(request)
    except IntakeError as error:
        first, *others = str(error).splitlines()
        more = f" (and {len(others)} more)" if others else ""
        return _finish(places, run, FAILED, f"{first}{more}")
    found = keep_evaluations(places.quality, run.run_id, built, data_origin(request.raw))
    keep_nodes(places.quality, run.run_id, run_results)
    if code:
        keep_failing_rows(places.quality, run.run_id, built)
        reason = found.reason or failed_nodes(run_results) or f"the build ended with code {code}"
        return _finish(places, run, FAILED, reason)
    if fingerprint_inputs(request.raw) != run.raw_fingerprints:
        return _finish(places, run, FAILED, "raw files changed while they were being read")
    counts = count_rows(built)
    run = replace(run, outcome=PUBLISHED, row_counts=counts, version=run.run_id)
    run = replace(run, finished_at=now(not_before=run.started_at))
    finish_file(built, [*read_runs(places.runs)[:-1], run], places.quality / NODES)
    export_marts(built, places.building / MARTS)
    pages.add(built, places.building / SITE)
    publish(places, keep_version(places, places.building, run.run_id))
    write_run(places.runs, run)
    return run


def _show(places: Places, origin: str) -> list[str]:
    """Write the page of the run; readers have their build whether or not that succeeds."""
    runs = [asdict(run) for run in read_runs(places.runs)]
    folder = places.quality
    files = QualityFiles(folder / RESULTS, folder / OFFENDING_ROWS, folder / FAILING_ROWS)
    try:
        replace_text(folder / PAGE, quality_page(files, runs, origin))
    except (OSError, ValueError, duckdb.Error) as error:
        return [f"{folder / PAGE} could not be written: {error}"]
    return []


def _request(places: Places, raw: Path, run: Run, accept_changes: bool) -> BuildRequest:
    seen = published_version(places)
    whole = [version for version in kept_versions(places) if version.is_intact(places)]
    return BuildRequest(
        raw=raw,
        warehouse=places.building / places.warehouse.name,
        run_id=run.run_id,
        started_at=run.started_at,
        published=seen.folder if seen else None,
        newest=whole[-1].folder if whole else None,
        evaluations=places.quality,
        accept_changes=accept_changes,
    )


def _is_new_project(run: Run, earlier: Sequence[Run]) -> bool:
    """Whether nothing was published yet from this very project, its unit tests passed."""
    return all(
        old.outcome != PUBLISHED or old.project_fingerprint != run.project_fingerprint
        for old in earlier
    )


def _abandon(places: Places, run: Run, error: Exception) -> None:
    """Note a failure that the code did not expect, a full disk for instance."""
    seen = published_version(places)
    if seen and seen.run_id == run.run_id:
        return  # It came after readers had the new build: the next run finds that out.
    discard(places.version(run.run_id))
    with suppress(OSError):
        # On one line: it is one line of the history and of a scheduler's log.
        _finish(places, run, FAILED, " ".join(f"{type(error).__name__}: {error}".split()))


def _finish(places: Places, run: Run, outcome: str, reason: str) -> Run:
    time = now(not_before=run.started_at)
    run = replace(run, outcome=outcome, finished_at=time, reason=reason)
    write_run(places.runs, run)
    return run


def _next_number(places: Places, earlier: list[Run]) -> int:
    """One more than any run or kept version has: the history may be lost, versions may not."""
    numbers = [run.run_id for run in earlier]
    numbers += [number_of(folder) for folder in places.versions.glob("*")]
    return 1 + max(numbers, default=0)


def _is_unchanged(run: Run, earlier: list[Run]) -> bool:
    """Whether the last published build had the same inputs; rolled back or not, it would again."""
    last = next((r for r in reversed(earlier) if r.outcome == PUBLISHED), None)
    return last is not None and (last.project_fingerprint, last.raw_fingerprints) == (
        run.project_fingerprint,
        run.raw_fingerprints,
    )
