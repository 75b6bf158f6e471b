"""Put a finished build in front of its readers, keep the last ones, and go back to one of them.

Readers open one file. It is only ever replaced by a rename, so whoever has it open keeps reading
what was there, and whoever opens it next gets the whole new build.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from urban_resilience.refresh.places import Places
from urban_resilience.shared.digest import digest_file
from urban_resilience.shared.refusal import Refusal

MANIFEST, MARTS, SITE = "manifest.json", "marts", "site"
# Others may read what is published, nobody but the owner may write it: 0644 and 0755.
WITHHELD = 0o022


class NoSuchVersionError(Refusal, ValueError):
    """A version was asked for that is not kept, or is damaged."""


@dataclass(frozen=True)
class Version:
    """A kept build: its run, its folder, and the digest its warehouse had when it was finished."""

    run_id: int
    folder: Path
    digest: str

    def file(self, places: Places) -> Path:
        """Its warehouse file."""
        return self.folder / places.warehouse.name

    def is_intact(self, places: Places) -> bool:
        """Whether that file still is what was built."""
        file = self.file(places)
        return file.exists() and digest_file(file) == self.digest


def keep_version(places: Places, built: Path, run_id: int) -> Version:
    """Move a finished build to the kept versions in one rename.

    Parameters
    ----------
    places
        Of the published warehouse.
    built
        Folder with the warehouse file and its ``marts``, on the same file system.
    run_id
        The run that built it.
    """
    digest = digest_file(built / places.warehouse.name)
    _write_durably(built / MANIFEST, json.dumps({"run_id": run_id, "digest": digest}))
    folder = places.version(run_id)
    folder.parent.mkdir(parents=True, exist_ok=True)
    os.rename(built, folder)
    return Version(run_id, folder, digest)


def kept_versions(places: Places) -> list[Version]:
    """Versions by run number; a folder whose manifest does not fit it is none."""
    found = [_version_in(places, folder) for folder in places.versions.glob("*")]
    return sorted((version for version in found if version), key=lambda version: version.run_id)


def number_of(folder: Path) -> int:
    """Run number that a folder among the versions is named after; 0 where it is not."""
    return int(folder.name) if re.fullmatch("[0-9]{6,9}", folder.name) else 0


def is_unusable(places: Places, folder: Path) -> bool:
    """Whether a folder among the versions is none that can be published again."""
    return folder.is_dir() and _version_in(places, folder) is None


def _version_in(places: Places, folder: Path) -> Version | None:
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        version = Version(content["run_id"], folder, content["digest"])
        # A link, or a number that names another folder, would lead out of the versions.
        own = not folder.is_symlink() and folder == places.version(version.run_id)
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return None
    return version if own and isinstance(version.digest, str) else None


def find_version(places: Places, run_id: int) -> Version:
    """Find an intact kept version.

    Raises
    ------
    NoSuchVersionError
        It is not kept or its file is damaged; the message lists those that can be had.
    """
    versions = kept_versions(places)
    found = next((version for version in versions if version.run_id == run_id), None)
    if found and found.is_intact(places):
        return found
    others = [str(version.run_id) for version in versions if version.is_intact(places)]
    kept = f"kept: {', '.join(others) or 'none'}"
    if run_id < 1:  # Runs count from 1: what stands before the first of them was asked for.
        raise NoSuchVersionError(f"there is no earlier version; {kept}. Each build adds one")
    fault = "is damaged" if found else "is not kept"
    raise NoSuchVersionError(f"version {run_id} {fault}; {kept}")


def published_version(places: Places) -> Version | None:
    """Tell which kept version readers see; None where the file is missing or none of them."""
    if not places.warehouse.exists():
        return None
    digest = digest_file(places.warehouse)
    return next((v for v in kept_versions(places) if v.digest == digest), None)


def publish(places: Places, version: Version) -> None:
    """Put a version in place of what readers see: the warehouse file, then the links beside it.

    The version itself stays as it is: readers get a copy, which nobody's writing can spoil.
    """
    incoming = places.incoming(places.warehouse)
    shutil.copyfile(version.file(places), incoming)
    _sync(incoming)
    # The log of an interrupted writer would be replayed into the new file.
    places.warehouse.with_name(places.warehouse.name + ".wal").unlink(missing_ok=True)
    os.replace(incoming, places.warehouse)
    link_folders(places, version)
    _sync(places.warehouse.parent)


def link_folders(places: Places, version: Version) -> None:
    """Point the links of the Parquet files and the pages to a version's, each in one rename.

    A version without pages has no link to any: pages of another build would contradict its file.
    """
    for link, name in ((places.marts, MARTS), (places.site, SITE)):
        if name == SITE and not (version.folder / SITE).is_dir():
            if link.is_symlink():
                link.unlink()
            continue
        target = Path(places.versions.name) / version.folder.name / name
        if link.is_symlink() and Path(os.readlink(link)) == target:
            continue
        incoming = places.incoming(link)
        incoming.unlink(missing_ok=True)
        incoming.symlink_to(target)
        os.replace(incoming, link)


def prune_versions(places: Places, keep: int, current: int) -> list[int]:
    """Remove all but the last ``keep`` versions, never the current one; return what went."""
    versions = kept_versions(places)
    old = [v for v in versions[: max(0, len(versions) - keep)] if v.run_id != current]
    for version in old:
        discard(version.folder)
    return [version.run_id for version in old]


def discard(folder: Path) -> None:
    """Remove a folder; its manifest goes first, so that a kill leaves nothing that looks whole."""
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def readable_by_others() -> Iterator[None]:
    """Have whatever is written, by child processes too, read by all and written by the owner."""
    before = os.umask(WITHHELD)
    try:
        yield
    finally:
        os.umask(before)


def _write_durably(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
