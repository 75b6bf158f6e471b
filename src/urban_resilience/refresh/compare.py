"""Which two kept versions are compared."""

from __future__ import annotations

from urban_resilience.refresh.places import Places
from urban_resilience.refresh.publish import (
    Version,
    find_version,
    kept_versions,
    published_version,
)


def versions_to_compare(
    places: Places, earlier: int | None = None, later: int | None = None
) -> tuple[Version, Version]:
    """Find two kept versions by run number.

    Parameters
    ----------
    places
        Of the published warehouse.
    earlier
        The one before ``later`` if absent.
    later
        What readers see if absent; the newest where that is none of them.

    Raises
    ------
    NoSuchVersionError
        One of them is not kept or is damaged.
    """
    kept = [version.run_id for version in kept_versions(places)]
    current = published_version(places)
    if later is None:
        later = current.run_id if current else max(kept, default=0)
    if earlier is None:
        earlier = max((run for run in kept if run < later), default=0)
    return find_version(places, earlier), find_version(places, later)
