"""A study is a folder of seeds: which one is built, and how its files become the seeds of a build.

The shipped study is ``seeds/study`` with the reference seeds beside it. ``STUDY=folder`` names
another. Its files are put together with the shipped ones by three rules:

- a seed of the study (``seeds/study``) is the folder's own, or has no rows; a setting that the
  folder does not name is the shipped one, and so is an expectation, but for those of series and
  variables that may not be the folder's (see study_expectations.py);
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
from collections.abc import Iterable, Iterator
from pathlib import Path

from urban_resilience.shared.names import nearest
from urban_resilience.shared.problems import IntakeError, Problem
from urban_resilience.shared.project import (
    LINES,
    ROOT,
    SEEDS_VARIABLE,
    STUDY_VARIABLE,
    numbered_records,
    seeds_folder,
)
from urban_resilience.shared.study_expectations import EXPECTATIONS, other_expectations
from urban_resilience.shared.yaml_files import read_yaml

# The list of places a study is about.
PLACES = "cities"
# A folder's rows of this seed come before the shipped ones of the same name, and beside the others.
COLUMNS = "raw_columns"
# The table whose columns belong to a list of places.
TABLE_OF_PLACES = "city_yearbook"
# Spellings of headers: the folder's are added; those of series that the study has not are no use.
ALIASES = "column_aliases"
# A setting that the folder does not name is that of the shipped study, but for the years and for
# the regression that the summary of a build leads with.
SETTINGS, YEARS = "study_settings", ("study_start_year", "study_end_year")
HEADLINE = "headline_spec"
COMMENT = "#"
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "，": "full-width commas"}


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
    problems = [*_unusable_files(study, seeds)]
    if problems:
        raise IntakeError(problems)
    _check_years(own)
    about_places = seeds_of_places(shipped)
    of_places = about_places if PLACES in own else frozenset()
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
        header, rows, _ = _read(path.read_text(encoding="utf-8"), path.name)
        inherited = name in about_places or path.parent.name == "reference"
        inherited = inherited and name not in of_places
        if name not in own and inherited and name != ALIASES:
            shutil.copy(path, target)
            continue
        own_header: list[str] = []
        own_rows: list[dict[str, str]] = []
        lines: list[int] = []
        if name in own:
            text = own[name].read_text(encoding="utf-8-sig")
            own_header, own_rows, lines = _read(text, own[name].name)
        if name == COLUMNS:
            own_rows += _other_columns(rows, own_rows, of_places)
        if name == ALIASES:
            gone = _series(seeds) - _series(own) if of_places else set()
            own_rows += [row for row in rows if row["column_name"] not in gone]
        if name == EXPECTATIONS:
            own_rows += other_expectations(rows, own_rows)
        if name == SETTINGS:
            given = {row["setting"] for row in own_rows}
            own_rows += [row for row in rows if row["setting"] not in {*given, HEADLINE}]
        # A column that the folder leaves out is empty; one of its own is kept.
        target.write_text(_written(dict.fromkeys([*header, *own_header]), own_rows), "utf-8")
        # Own rows come first; messages name them by their place in the own file.
        target.with_suffix(LINES).write_text(" ".join(map(str, lines)), "utf-8")


def _unusable_files(study: Path, seeds: Iterable[str]) -> Iterator[Problem]:
    """Files of a study that would be passed over, or cannot be read."""
    for path in sorted(path for path in study.iterdir() if path.is_file()):
        if path.suffix != ".csv":
            if path.stem in seeds:
                yield Problem(path.name, "only .csv is read.", "Save it as CSV in UTF-8.")
        elif path.stem not in seeds:
            what = f"no seed has this name{nearest(path.stem, seeds)}."
            yield Problem(path.name, what, "Rename the file, or keep it elsewhere.")
        else:
            try:
                path.read_text(encoding="utf-8-sig")
            except UnicodeDecodeError:
                yield Problem(path.name, "it is not in UTF-8.", "Save it as CSV in UTF-8.")


def seeds_of_places(shipped: Path) -> frozenset[str]:
    """Seeds whose ``meta`` says that they are about the places of the shipped list."""
    found = set()
    for path in sorted(shipped.rglob("*.yml")):
        document = read_yaml(path) or {}
        for seed in document.get("seeds", ()):
            if seed.get("config", {}).get("meta", {}).get("of_places"):
                found.add(seed["name"])
    return frozenset(found)


def _other_columns(
    shipped: list[dict[str, str]], own: list[dict[str, str]], of_places: frozenset[str]
) -> list[dict[str, str]]:
    """Shipped raw columns that a study keeps beside its own."""
    named = {(row.get("table_name"), row.get("column_name")) for row in own}
    return [
        row
        for row in shipped
        if (row["table_name"], row["column_name"]) not in named
        and not (of_places and row["table_name"] == TABLE_OF_PLACES)
    ]


def _check_years(own: dict[str, Path]) -> None:
    rows = _rows(own[SETTINGS]) if SETTINGS in own else []
    missing = [name for name in YEARS if name not in {row.get("setting") for row in rows}]
    if missing:
        what = f"there is no row of {' and '.join(missing)}."
        raise IntakeError([Problem(f"{SETTINGS}.csv", what, "Say which years are studied.")])


def _series(files: dict[str, Path]) -> set[str]:
    """Series of the table of places, in the rows of a folder."""
    rows = _rows(files[COLUMNS]) if COLUMNS in files else []
    named = (row for row in rows if row.get("table_name") == TABLE_OF_PLACES)
    return {row["column_name"] for row in named if "column_name" in row}


def _rows(path: Path) -> list[dict[str, str]]:
    return _read(path.read_text(encoding="utf-8-sig"), path.name)[1]


def _read(text: str, file: str) -> tuple[list[str], list[dict[str, str]], list[int]]:
    """Header and rows of a CSV file without its comments, and the line that each row begins on.

    Raises
    ------
    IntakeError
        A row has not the cells of its header, two columns have one name, or something else than a
        comma separates them.
    """
    numbered = enumerate(io.StringIO(text), 1)
    kept = [(number, line) for number, line in numbered if not line.startswith(COMMENT)]
    try:
        records = [
            (kept[place - 1][0], record)
            for place, record in numbered_records([line for _, line in kept])
            if any(cell.strip() for cell in record)
        ]
    except csv.Error as error:
        what = f"it cannot be read as CSV ({error})."
        raise IntakeError([Problem(file, what, "Close the quotes.")]) from None
    header = [name.strip() for name in records[0][1]] if records else []
    sign = next((sign for sign in OTHER_SEPARATORS if len(header) == 1 and sign in header[0]), "")
    if sign:
        what = f"its columns are separated by {OTHER_SEPARATORS[sign]}, not by commas."
        raise IntakeError([Problem(file, what, "Save it as CSV with commas.")])
    problems = [
        Problem(file, f"column `{name}` stands there {header.count(name)} times.", "Keep one.")
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    for line, record in records[1:]:
        if len(record) != len(header):
            what = f"record {line} has {len(record)} cells, the header has {len(header)}."
            problems.append(Problem(file, what, "Complete the row; quote a cell with a comma."))
    if problems:
        raise IntakeError(problems)
    rows = [dict(zip(header, record, strict=True)) for _, record in records[1:]]
    return header, rows, [line for line, _ in records[1:]]


def _written(names: Iterable[str], rows: Iterable[dict[str, str]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(names), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
