"""Where a refresh keeps things: everything lies beside the published warehouse file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from urban_resilience.shared.refusal import Refusal

# DuckDB names a database after its file, and dbt writes that name into SQL. Taken are its own names
# and those of our schemas: `panel.x` in a database `panel` would be ambiguous.
FILE_NAME = re.compile(r"\w[\w. -]*")
TAKEN = ("main", "memory", "system", "temp", "raw", "published", "history", "snapshots", "staging",
         "intermediate", "reference", "panel", "indices", "results", "quality")  # fmt: skip


class BadPlaceError(Refusal, ValueError):
    """The warehouse cannot lie where it should."""


@dataclass(frozen=True)
class Places:
    """Paths that belong to one published warehouse.

    Attributes
    ----------
    warehouse
        The DuckDB file that readers open, for example ``warehouse/urban_resilience.duckdb``.

    Raises
    ------
    BadPlaceError
        The name of the file cannot be that of a database, or there is a folder in its place.
    """

    warehouse: Path

    def __post_init__(self) -> None:
        name, stem = self.warehouse.name, self.warehouse.stem
        if not FILE_NAME.fullmatch(name) or stem.casefold() in TAKEN:
            raise BadPlaceError(
                f"WAREHOUSE_PATH names the file {name!r}: letters, digits, blanks and . - _ make a"
                f" name, and {', '.join(TAKEN)} are taken"
            )
        # DuckDB puts the ending of its log before a question mark.
        if set("\\?") & set(str(self.warehouse.absolute())) or self.warehouse.is_dir():
            raise BadPlaceError(
                f"WAREHOUSE_PATH is {self.warehouse}: it must name a file, by a path without"
                " backslash or question mark"
            )

    def _beside(self, suffix: str, hidden: bool = False) -> Path:
        return self.warehouse.parent / f"{'.' if hidden else ''}{self.warehouse.stem}.{suffix}"

    @property
    def lock(self) -> Path:
        """File whose lock a refresh holds."""
        return self._beside("lock", hidden=True)

    @property
    def building(self) -> Path:
        """Folder in which a refresh builds; whatever a killed one left there is worthless."""
        return self._beside("building", hidden=True)

    @property
    def runs(self) -> Path:
        """History of runs, one JSON object a line."""
        return self._beside("runs.jsonl")

    @property
    def versions(self) -> Path:
        """Kept published builds, one folder each, named by run number."""
        return self._beside("versions")

    @property
    def marts(self) -> Path:
        """Link to the Parquet files of the published build."""
        return self._beside("marts")

    @property
    def site(self) -> Path:
        """Link to the pages of the published build."""
        return self._beside("site")

    @property
    def quality(self) -> Path:
        """Folder of what the expectations of every run found, and of the page that shows it."""
        return self._beside("quality")

    def incoming(self, published: Path) -> Path:
        """Name under which something is prepared beside the one that readers see."""
        return published.with_name(f".{published.name}.incoming")

    def version(self, run_id: int) -> Path:
        """Folder of one published build."""
        return self.versions / f"{run_id:06d}"
