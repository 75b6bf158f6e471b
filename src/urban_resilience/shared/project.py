"""Where the contract and the seeds lie."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from urban_resilience.shared.problems import IntakeError, Problem

ROOT = Path(__file__).resolve().parents[3]
# Names the folder of seeds; `seeds` of the project where it is empty. dbt_project.yml reads it too.
SEEDS_VARIABLE = "STUDY_SEEDS"
# Names the folder of a study that is put together there.
STUDY_VARIABLE = "STUDY"
# Seeds of a few studies.
REMEMBERED = 256
# Beside a seed that was put together from a study's file: which lines there its rows begin on.
LINES = ".lines"
CONTRACT = ROOT / "models" / "staging" / "_raw__sources.yml"


def seeds_folder() -> Path:
    """Folder whose subfolders hold the seeds of the study that is built."""
    return ROOT / (os.environ.get(SEEDS_VARIABLE) or "seeds")


def seed_path(name: str) -> Path:
    """File of a seed; where it would be looked for if there is none."""
    folder = seeds_folder()
    return next(folder.glob(f"*/{name}.csv"), folder / f"{name}.csv")


def shown_path(path: Path) -> str:
    """Path of a seed in a message: the file of the study's own folder, where it has one."""
    study = os.environ.get(STUDY_VARIABLE, "").strip()
    if study and (Path(study) / path.name).exists():
        return (Path(study) / path.name).as_posix()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def check_seeds() -> None:
    """Read every seed once.

    Raises
    ------
    IntakeError
        With every seed that is no table: dbt would stop without a word on which one it is.
    """
    problems: list[Problem] = []
    for path in sorted(seeds_folder().glob("*/*.csv")):
        try:
            seed_rows(path.stem)
        except IntakeError as error:
            problems += error.problems
    if problems:
        raise IntakeError(problems)


class SeedRow(dict[str, str]):
    """A row of a seed by column; asked for a column that the seed lacks, it says so.

    Attributes
    ----------
    seed
        Its file, as messages show it.
    line
        Where it begins there, comments and blank lines counted: what an editor shows.
    """

    def __init__(self, seed: str, values: dict[str, str], line: int):
        super().__init__(values)
        self.seed = seed
        self.line = line

    def __missing__(self, column: str) -> str:
        what = f"there is no column `{column}`; it has: {', '.join(self)}."
        raise IntakeError([Problem(self.seed, what, "Put the column back.")])


def seed_rows(name: str) -> list[SeedRow]:
    """Rows of a reference or study seed as text.

    Raises
    ------
    IntakeError
        The seed is absent, is no CSV in UTF-8, or a row has not the columns of its header.
    """
    path = seed_path(name)
    seed = shown_path(path)
    try:
        state = path.stat()
    except OSError as error:
        raise _unreadable_seed(seed, error) from None
    return list(_rows_of(path, seed, state.st_mtime_ns, state.st_size, state.st_ino))


@lru_cache(maxsize=REMEMBERED)
def _rows_of(path: Path, seed: str, *_: int) -> tuple[SeedRow, ...]:
    """Read a seed once for as long as its file stays what it is: a check asks hundreds of times."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            first, *rows = numbered_records(list(file))
    except (OSError, ValueError, csv.Error) as error:
        raise _unreadable_seed(seed, error) from None
    header = first[1]
    for number, row in rows:
        if len(row) != len(header):
            what = f"record {number} has {len(row)} cells, the header has {len(header)}."
            raise IntakeError([Problem(seed, what, "Complete the row, or restore the seed.")])
    lines = [number for number, _ in rows]
    named = path.with_suffix(LINES)
    own = named.read_text(encoding="utf-8").split() if named.exists() else []
    lines[: len(own)] = [int(line) for line in own]
    return tuple(
        SeedRow(seed, dict(zip(header, row, strict=True)), line)
        for (_, row), line in zip(rows, lines, strict=True)
    )


def numbered_records(lines: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Read the records of a CSV file that are not blank, each with the line that it begins on.

    Raises
    ------
    csv.Error
        It is no CSV.
    """
    reader = csv.reader(lines, strict=True)
    found: list[tuple[int, list[str]]] = []
    before = 0
    for record in reader:
        if record:
            found.append((before + 1, record))
        before = reader.line_num
    return found


def _unreadable_seed(seed: str, error: Exception) -> IntakeError:
    what = f"it cannot be read as CSV in UTF-8 ({str(error).splitlines()[0][:120]})."
    return IntakeError([Problem(seed, what, "Restore the seed.")])
