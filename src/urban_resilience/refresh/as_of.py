"""Rebuild the warehouse with the yearbook as it was known at an earlier time; publish nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from urban_resilience.intake import IntakeError
from urban_resilience.refresh.build import build
from urban_resilience.refresh.export import drop_views_of_files
from urban_resilience.refresh.places import Places
from urban_resilience.refresh.publish import kept_versions
from urban_resilience.refresh.request import BuildRequest
from urban_resilience.shared.refusal import Refusal


class AsOfError(Refusal, ValueError):
    """An earlier state cannot be rebuilt, or not there."""


def default_file(places: Places, date: str) -> Path:
    """Name the file of a rebuild: the warehouse's name in a folder of its own beside it."""
    return places.warehouse.parent / f"as_of_{_day(date)}" / places.warehouse.name


def rebuild_as_of(
    places: Places,
    raw: Path,
    date: str,
    out: Path,
    build: Callable[[BuildRequest, dict[str, str]], int] = build,
) -> int:
    """Build a warehouse file from the yearbook values that were valid at a time.

    Everything but the yearbook (other raw files, seeds, the project) is today's.

    Parameters
    ----------
    places
        Of the published warehouse, whose newest kept version has the history.
    raw
        Folder of raw files.
    date
        A date (to the end of that day) or a time, UTC.
    out
        File to write; an earlier rebuild there is replaced when the new one is whole.

    Returns
    -------
    int
        Exit code of the build; ``out`` is only written where it is 0.

    Raises
    ------
    AsOfError
        ``date`` is none, ``out`` belongs to what is published, or there is no history.
    """
    _day(date)
    if out.resolve() == places.warehouse.resolve() or places.versions.resolve() in (
        out.resolve().parents
    ):
        raise AsOfError(f"{out} is published: name another file")
    whole = [version for version in kept_versions(places) if version.is_intact(places)]
    if not whole:
        raise AsOfError(
            f"nothing has been published beside {places.warehouse}: there is no history"
        )
    building = out.parent / f".{out.stem}.as_of"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        # DuckDB names a database after its file, so it is built under the warehouse's name.
        file = building / places.warehouse.name
        try:
            code = build(BuildRequest(raw, file, newest=whole[-1].folder), {"as_of": date})
        except IntakeError:
            return 1  # The builder has said why.
        if code == 0:
            with duckdb.connect(str(file)) as connection:
                drop_views_of_files(connection)
            os.replace(file, out)
        return code
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _day(date: str) -> str:
    try:
        return datetime.fromisoformat(date.strip()).date().isoformat()
    except ValueError as error:
        raise AsOfError(f"`{date}` is no date: write 2026-03-01 or 2026-03-01T02:30:00Z") from error
