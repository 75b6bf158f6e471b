"""Where a refresh keeps things: everything lies beside the published warehouse file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """Paths that belong to one published warehouse.

    Attributes
    ----------
    warehouse
        The DuckDB file that readers open, for example ``warehouse/urban_resilience.duckdb``.
    """

    warehouse: Path

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
    def quality(self) -> Path:
        """Folder of what the expectations of every run found, and of the page that shows it."""
        return self._beside("quality")

    def version(self, run_id: int) -> Path:
        """Folder of one published build."""
        return self.versions / f"{run_id:06d}"
