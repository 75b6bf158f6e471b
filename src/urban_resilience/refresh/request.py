"""What a refresh asks its builder for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class BuildRequest:
    """One build: from what, into what, and what was published before it.

    Attributes
    ----------
    raw
        Folder of raw files as people have them.
    warehouse
        File to write. It has the published file's name: DuckDB names a database after its file,
        and views must find their tables under the same name after the move.
    run_id
        Number of the run; 0 outside a refresh.
    started_at
        UTC, ISO 8601; later than that of every earlier run, whatever the clock says.
    published
        Folder of the version that readers see; None before the first publication.
    newest
        Folder of the newest kept version, published or rolled back from: it has the longest
        history. None before the first publication.
    evaluations
        Folder of what the expectations of earlier runs found; need not be there.
    accept_changes
        Whether comparisons with the published build may only warn.
    unit_tests
        Whether to run dbt's unit tests: what they ask is about the project, not about the data.
    """

    raw: Path
    warehouse: Path
    run_id: int = 0
    started_at: str = ""
    published: Path | None = None
    newest: Path | None = None
    evaluations: Path | None = None
    accept_changes: bool = False
    unit_tests: bool = True
