"""Clean up after a refresh that was killed, and mend what readers see if it is damaged."""

from __future__ import annotations

import shutil
from dataclasses import replace

from urban_resilience.refresh.places import Places
from urban_resilience.refresh.publish import (
    MANIFEST,
    Version,
    discard,
    is_unusable,
    kept_versions,
    link_folders,
    number_of,
    publish,
    published_version,
)
from urban_resilience.refresh.runs import (
    INTERRUPTED,
    PUBLISHED,
    ROLLED_BACK,
    RUNNING,
    Run,
    now,
    read_runs,
    write_run,
)


def recover(places: Places) -> list[str]:
    """Bring everything beside the warehouse into order; the caller holds the lock.

    Returns
    -------
    list of str
        What was found and done, in words; empty when all was well.
    """
    notes = []
    if places.building.exists():
        shutil.rmtree(places.building, ignore_errors=True)
        notes.append("removed what an interrupted build left")
    for published in (places.warehouse, places.marts, places.site):
        places.incoming(published).unlink(missing_ok=True)
    for unfinished in places.quality.glob(".*.incoming"):
        unfinished.unlink()
    notes += _clear_versions(places)
    notes += _settle_interrupted(places)
    notes += _mend(places)
    return notes


def intended_version(runs: list[Run]) -> int | None:
    """Look up which version readers should see, by the history."""
    last = next((run for run in reversed(runs) if run.outcome in (PUBLISHED, ROLLED_BACK)), None)
    return last.version if last else None


def _clear_versions(places: Places) -> list[str]:
    """Remove what a killed removal of an old version left; name what is not ours to remove."""
    notes = []
    for folder in sorted(places.versions.glob("*")):
        if not is_unusable(places, folder):
            continue
        if (folder / MANIFEST).exists() or folder.is_symlink() or not number_of(folder):
            notes.append(f"{folder} is no version of this warehouse, or damaged: remove it by hand")
        else:
            discard(folder)
    return notes


def _settle_interrupted(places: Places) -> list[str]:
    """Decide how killed runs ended: one has published if readers see its version."""
    notes = []
    seen = published_version(places)
    kept = {version.run_id: version for version in kept_versions(places)}
    for run in read_runs(places.runs):
        if run.outcome != RUNNING:
            continue
        run = replace(run, finished_at=now(not_before=run.started_at))
        if seen and seen.run_id == run.run_id:
            write_run(places.runs, replace(run, outcome=PUBLISHED, version=run.run_id))
            notes.append(f"run {run.run_id} was killed just after it had published")
            continue
        if run.run_id in kept:
            discard(kept[run.run_id].folder)
        write_run(places.runs, replace(run, outcome=INTERRUPTED))
        notes.append(f"run {run.run_id} was interrupted and published nothing")
    return notes


def _mend(places: Places) -> list[str]:
    """Publish the last good version again where the published file is missing or damaged."""
    wanted = intended_version(read_runs(places.runs))
    if wanted is None:
        return []
    seen = published_version(places)
    if seen and seen.run_id == wanted:
        link_folders(places, seen)
        return []
    whole = [v for v in kept_versions(places) if v.run_id <= wanted and v.is_intact(places)]
    if not whole:
        return [f"{places.warehouse} is not version {wanted}, and no kept version is intact"]
    last: Version = whole[-1]
    publish(places, last)
    return [
        f"{places.warehouse} was missing, damaged or written by something else: "
        f"published version {last.run_id} again"
    ]
