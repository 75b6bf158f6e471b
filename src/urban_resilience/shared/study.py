"""A study is a folder of seeds: which one is built, and how its files become the seeds of a build.

The shipped study is ``seeds/study`` with the reference seeds beside it. ``STUDY=folder`` names
another. Its files are put together with the shipped ones by three rules:

- a seed of the study (``seeds/study``) is the folder's own, or has no rows;
- a reference seed (``seeds/reference``) is the folder's own, or the shipped one;
- a folder with its own list of places (``cities``) inherits nothing that is about places: a seed
  whose ``meta`` says ``of_places`` is its own, or has no rows.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import yaml

from urban_resilience.shared.names import nearest
from urban_resilience.shared.problems import IntakeError, Problem
from urban_resilience.shared.project import ROOT, SEEDS_VARIABLE, seeds_folder

STUDY_VARIABLE = "STUDY"
# The list of places a study is about.
PLACES = "cities"
# A folder's rows of this seed replace those of the tables that they name, and no others.
BY_TABLE = {"raw_columns": "table_name"}
COMMENT = "#"


def use_study(root: Path = ROOT) -> Path:
    """Put the seeds of the study together that ``STUDY`` names, and let everybody read those.

    Returns
    -------
    Path
        The folder of seeds: ``seeds`` of the project where no study is named.

    Raises
    ------
    IntakeError
        The folder is none, or holds a file that is no seed.
    """
    named = os.environ.get(STUDY_VARIABLE, "").strip()
    if not named:
        return seeds_folder()
    study = Path(named)
    # A name of its own for each folder: two studies may be built at once.
    place = hashlib.sha256(str(study.resolve()).encode()).hexdigest()[:8]
    out = root / "target" / "studies" / f"{study.resolve().name}-{place}"
    put_together(study, root / "seeds", out)
    os.environ[SEEDS_VARIABLE] = out.relative_to(root).as_posix()
    return out


def put_together(study: Path, shipped: Path, out: Path) -> None:
    """Write the seeds of a study into a folder that dbt can read.

    Parameters
    ----------
    study
        Folder of CSV files named like seeds. Lines that begin with ``#`` are comments.
    shipped
        The project's ``seeds``, whose YAML describes every seed.
    out
        Folder to write; what it held is removed.

    Raises
    ------
    IntakeError
        The folder is none, or holds a file that is no seed.
    """
    if not study.is_dir():
        what = f"{STUDY_VARIABLE} names {study}, which is no folder."
        raise IntakeError([Problem("", what, "`make study OUT=folder` writes one to fill in.")])
    own = {path.stem: path for path in sorted(study.glob("*.csv"))}
    seeds = {path.stem: path for path in sorted(shipped.glob("*/*.csv"))}
    unknown = [name for name in own if name not in seeds]
    if unknown:
        raise IntakeError(
            Problem(f"{name}.csv", f"no seed has this name{nearest(name, seeds)}.",
                    "Rename the file, or keep it elsewhere.")
            for name in unknown
        )  # fmt: skip
    of_places = seeds_of_places(shipped) if PLACES in own else frozenset()
    shutil.rmtree(out, ignore_errors=True)
    for path in sorted(shipped.rglob("*")):
        target = out / path.relative_to(shipped)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif path.suffix in (".yml", ".md"):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    for name, path in seeds.items():
        target = out / path.relative_to(shipped)
        target.parent.mkdir(parents=True, exist_ok=True)
        inherited = path.parent.name == "reference" and name not in of_places
        if name in own:
            text = without_comments(own[name].read_text(encoding="utf-8-sig"))
            if name in BY_TABLE and inherited:
                text = _with_other_tables(text, path, BY_TABLE[name])
            target.write_text(text, encoding="utf-8")
        elif inherited:
            shutil.copy(path, target)
        else:
            target.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", "utf-8")


def without_comments(text: str) -> str:
    """Leave out the lines of a CSV file that begin with ``#``, and blank ones at its head."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith(COMMENT)]
    return "".join(lines).lstrip("\r\n")


def seeds_of_places(shipped: Path) -> frozenset[str]:
    """Seeds whose ``meta`` says that they are about the places of the shipped list."""
    found = set()
    for path in sorted(shipped.rglob("*.yml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for seed in document.get("seeds", ()):
            if seed.get("config", {}).get("meta", {}).get("of_places"):
                found.add(seed["name"])
    return frozenset(found)


def _with_other_tables(text: str, shipped: Path, column: str) -> str:
    """Add the shipped rows of the tables that a study's rows do not name."""
    own = list(csv.DictReader(io.StringIO(text)))
    with shipped.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        header = list(reader.fieldnames or ())
        kept = [row for row in reader if row[column] not in {mine.get(column) for mine in own}]
    names = list(dict.fromkeys([*header, *(own[0] if own else ())]))
    return _written(names, [*own, *kept])


def _written(names: Iterable[str], rows: Iterable[dict[str, str]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(names), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
