"""How much DuckDB puts aside on disk where memory does not suffice."""

from __future__ import annotations

import threading
from pathlib import Path


class Spill:
    """The most that lay in DuckDB's temporary files while a ``with`` block ran."""

    def __init__(self, warehouse: str):
        self.folder = Path(f"{warehouse}.tmp")
        self.peak_mb = 0.0
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Spill:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watcher.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            size = 0
            for path in self.folder.glob("*") if self.folder.exists() else ():
                try:
                    size += path.stat().st_size
                except FileNotFoundError:
                    continue
            self.peak_mb = max(self.peak_mb, size / 1024**2)
