"""The history of runs: an append-only file that survives builds, failures and kills."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

RUNNING, PUBLISHED, FAILED, UNCHANGED = "running", "published", "failed", "unchanged"
INTERRUPTED, ROLLED_BACK = "interrupted", "rolled_back"


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


def now(after: str | None = None) -> str:
    """Tell the time, to the second; a second past ``after`` where the clock went backwards."""
    time = datetime.now(UTC)
    if after is not None:
        time = max(time, datetime.fromisoformat(after) + timedelta(seconds=1))
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def read_runs(path: Path) -> list[Run]:
    """Read runs by number, each as last written; a line cut short by a kill is passed over."""
    if not path.exists():
        return []
    runs: dict[int, Run] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            run = Run(**json.loads(line))
        except (json.JSONDecodeError, TypeError):
            continue
        runs[run.run_id] = run
    return [runs[run_id] for run_id in sorted(runs)]


def write_run(path: Path, run: Run) -> None:
    """Append the state of a run and wait until the disk has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(run), ensure_ascii=False) + "\n"
    with path.open("ab+") as file:
        # After a kill the last line may lack its end: the new one must not continue it.
        if file.tell() and not _ends_with_newline(file):
            line = "\n" + line
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _ends_with_newline(file) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
