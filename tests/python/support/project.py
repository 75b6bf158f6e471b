"""A scratch copy of the dbt project, to change seeds or models without touching the real one."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.dbt import ROOT

FOLDERS = (
    "models",
    "python_models",
    "macros",
    "seeds",
    "snapshots",
    "tests",
    "analyses",
    "profiles",
)


def copy_project(destination: Path) -> Path:
    """Copy what dbt reads; the library stays the installed one."""
    for folder in FOLDERS:
        ignore = shutil.ignore_patterns("__pycache__", "python")
        shutil.copytree(ROOT / folder, destination / folder, ignore=ignore)
    for file in ("dbt_project.yml", "profiles/profiles.yml"):
        shutil.copy(ROOT / file, destination / Path(file).name)
    return destination


def add_row(project: Path, seed: str, **values) -> None:
    """Append a row to a seed; columns not named stay empty."""
    path = next((project / "seeds").glob(f"*/{seed}.csv"))
    text = path.read_text(encoding="utf-8").rstrip("\n")
    header = text.splitlines()[0].split(",")
    unknown = set(values) - set(header)
    assert not unknown, f"{seed} has no column {unknown}"
    row = ",".join(str(values.get(name, "")) for name in header)
    path.write_text(f"{text}\n{row}\n", encoding="utf-8")
