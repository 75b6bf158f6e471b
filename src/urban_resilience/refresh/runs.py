"""The history of runs: an append-only file that survives builds, failures and kills."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

RUNNING, PUBLISHED, FAILED, UNCHANGED = "running", "published", "failed", "unchanged"
INTERRUPTED, ROLLED_BACK = "interrupted", "rolled_back"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# No run has such a number, no mart so many rows, no clock is so wrong: the line is not ours.
LARGEST, LAST_YEAR = 10**12, 3000


@dataclass(frozen=True)
class Run:
    """One run of the refresh.

    Attributes
    ----------
    run_id
        Counts up by one; never taken from a clock.
    outcome
        ``running``, ``published``, ``failed``, ``unchanged``, ``interrupted`` (killed: found by the
        next run) or ``rolled_back`` (an earlier version was published again).
    reason
        Of a failure, in words; of a roll-back, the version it went to.
    started_at, finished_at
        UTC, ISO 8601.
    git_revision, project_fingerprint, raw_fingerprints
        What was built from what: the checkout, its digest, and the digest of each raw file.
    row_counts
        Rows of each mart of a published build.
    version
        Run number of the version that readers saw afterwards.
    """

    run_id: int
    outcome: str
    started_at: str
    finished_at: str | None = None
    reason: str | None = None
    git_revision: str | None = None
    project_fingerprint: str | None = None
    raw_fingerprints: dict[str, str] = field(default_factory=dict)
    row_counts: dict[str, int] = field(default_factory=dict)
    version: int | None = None


def now(after: str | None = None, not_before: str | None = None) -> str:
    """Tell the time, to the second, whatever the clock says.

    Parameters
    ----------
    after
        The time told is a second later at least.
    not_before
        The time told is no earlier.
    """
    time = datetime.now(UTC)
    if after is not None:
        time = max(time, datetime.fromisoformat(after) + timedelta(seconds=1))
    if not_before is not None:
        time = max(time, datetime.fromisoformat(not_before))
    return time.strftime(TIME_FORMAT)


def last_time(runs: list[Run]) -> str | None:
    """Latest time that the history holds; None without any."""
    return max((max(run.started_at, run.finished_at or "") for run in runs), default=None)


def read_runs(path: Path) -> list[Run]:
    """Read runs by number, each as last written.

    A line that is no run, cut short by a kill or written by something else, is passed over.
    """
    if not path.exists():
        return []
    runs: dict[int, Run] = {}
    # Not `splitlines`: a file name in a run may hold what Unicode takes for the end of a line.
    for line in path.read_bytes().split(b"\n"):
        try:
            content = json.loads(line)
            # Half a character can be written in JSON, and stored nowhere.
            json.dumps(content, ensure_ascii=False).encode()
            run = Run(**content)
        except (ValueError, TypeError, RecursionError):
            continue
        if _is_sound(run):
            runs[run.run_id] = run
    return [runs[run_id] for run_id in sorted(runs)]


def _is_sound(run: Run) -> bool:
    """Whether every field is what it should be: what comes later counts, compares and stores it."""
    return (
        _is_number(run.run_id)
        and (run.version is None or _is_number(run.version))
        and isinstance(run.outcome, str)
        and _is_time(run.started_at)
        and (run.finished_at is None or _is_time(run.finished_at))
        and all(isinstance(t, str | None) for t in (run.reason, run.git_revision))
        and isinstance(run.project_fingerprint, str | None)
        and isinstance(run.raw_fingerprints, dict)
        and all(isinstance(digest, str) for digest in run.raw_fingerprints.values())
        and isinstance(run.row_counts, dict)
        and all(isinstance(n, int) and abs(n) < LARGEST for n in run.row_counts.values())
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < LARGEST


def _is_time(text: object) -> bool:
    try:
        return isinstance(text, str) and datetime.strptime(text, TIME_FORMAT).year < LAST_YEAR
    except ValueError:
        return False


def write_run(path: Path, run: Run) -> None:
    """Append the state of a run and wait until the disk has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(run), ensure_ascii=False) + "\n"
    with path.open("ab+") as file:
        # After a kill the last line may lack its end: the new one must not continue it.
        if file.tell() and not _ends_with_newline(file):
            line = "\n" + line
        file.write(line.encode("utf-8", "replace"))
        file.flush()
        os.fsync(file.fileno())


def _ends_with_newline(file: BinaryIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
