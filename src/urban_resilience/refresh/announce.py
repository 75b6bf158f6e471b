"""Say how a refresh ended: its notes, its last line, and whoever wants to be told."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback

from urban_resilience.refresh.nightly import RefreshResult
from urban_resilience.refresh.places import Places
from urban_resilience.refresh.runs import FAILED, ROLLED_BACK
from urban_resilience.reporting.freshness import stale_tables


def announce(result: RefreshResult, places: Places) -> int:
    """Print what a refresh noticed and its last line; 1 where readers have to do with the old."""
    for note in result.notes:
        print(f"note: {note}")
    # Every night, and above all on those on which nothing has changed.
    if places.warehouse.exists() and result.run.outcome != ROLLED_BACK:
        for table in stale_tables(places.warehouse):
            print(f"note: {table}")
    if result.failed:
        kept = "unchanged" if places.warehouse.exists() else "not written"
        print(f"The build failed; {places.warehouse} is {kept}. The messages above name the cause.")
    close(result.run.outcome, result.line)
    return int(result.failed)


def announce_crash(error: Exception) -> int:
    """Say that a refresh broke down, on a full disk, say; 1.

    The log gets the place in the code, the scheduler its last line.
    """
    traceback.print_exception(error)
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    close(FAILED, f"refresh failed: {reason} (readers keep what they had)")
    return 1


def close(outcome: str, line: str) -> None:
    """Tell whoever wants to know: ``REFRESH_ON_FINISH`` is a command, none by default."""
    sys.stderr.flush()
    print(line, flush=True)
    command = os.environ.get("REFRESH_ON_FINISH")
    if not command:
        return
    environment = {"REFRESH_OUTCOME": outcome, "REFRESH_LINE": line}
    code = subprocess.run(command, shell=True, env=os.environ | environment, check=False).returncode
    if code:
        print(f"note: REFRESH_ON_FINISH ended with code {code}")
