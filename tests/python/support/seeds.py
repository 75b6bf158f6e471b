"""Seeds of another study for one test: copies of the shipped ones with rows changed."""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.dbt import ROOT
from urban_resilience.shared.project import SEEDS_VARIABLE

Rows = list[dict[str, str]]
Change = Callable[[Rows], Rows]


def write_seeds(folder: Path, changes: Mapping[str, Change]) -> Path:
    """Copy the project's seeds, with the rows of some of them changed."""
    shutil.copytree(ROOT / "seeds", folder)
    for name, change in changes.items():
        path = next(folder.glob(f"*/{name}.csv"))
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            header, rows = list(reader.fieldnames or ()), list(reader)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(change(rows))
    return folder


@contextmanager
def study_of(folder: Path) -> Iterator[Path]:
    """Let the library read the seeds of this folder; what it remembers of others is forgotten."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SEEDS_VARIABLE, str(folder))
        _forget()
        try:
            yield folder
        finally:
            _forget()


def added(**cells: str) -> Change:
    """Add one row."""
    return lambda rows: [*rows, cells]


def _forget() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("urban_resilience"):
            for item in list(vars(module).values()):
                if hasattr(item, "cache_clear"):
                    item.cache_clear()
