"""``make study``: a folder to fill in for the next study, every column explained in its place.

Everything is generated from the seeds of the shipped study and their descriptions.
"""

from __future__ import annotations

import csv
import io
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from urban_resilience.shared.project import ROOT
from urban_resilience.shared.study import YEARS, seeds_of_places
from urban_resilience.shared.yaml_files import read_yaml

SHIPPED = ROOT / "seeds"
DOCS = ROOT / "models" / "docs" / "columns.md"
OWN_PLACES = "own_places"
WIDTH = 96
EXAMPLES = 2
# What a study needs before anything else: filled in, not left to examples.
FILLED = {"study_settings": list(zip(YEARS, ("2008", "2019"), strict=True))}
README = """# A study

Each file is a list of rows. Lines that begin with `#` explain it and show rows of the shipped
study; they are not read. Delete the files that you do not need: a file that is not there has no
rows.

1. `study_settings.csv`: the years.
2. `own_places/raw_columns.csv`, moved up: your own series, in addition to the shipped ones. Their
   figures go into the raw folder.
3. `panel_variables.csv`: variables, each an expression over series, indicators, indices, measures.
4. `resilience_indicators.csv`, `index_indicators.csv`, `index_definitions.csv`: indices, if you
   want any.
5. `regression_specs.csv`: regressions.

Other places than the shipped cities: move all files that you need from `own_places/` up into this
folder and fill in `cities.csv`. With a list of its own a study inherits nothing that is about the
shipped places.

    make check-data STUDY={folder} RAW_DATA_DIR=your/files
    make build      STUDY={folder} RAW_DATA_DIR=your/files

Files in `{folder}/raw` are the raw folder where RAW_DATA_DIR names none. The language of
expressions and every column: docs/study.md.
"""


def write_skeleton(folder: Path) -> list[Path]:
    """Write the files of an empty study.

    Parameters
    ----------
    folder
        Where to; must not exist yet, or be empty.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    FileExistsError
        There is something in the folder already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: name a new folder")
    of_places = seeds_of_places(SHIPPED)
    written = []
    for path in sorted(SHIPPED.glob("*/*.csv")):
        is_of_places = path.stem in of_places
        if path.parent.name != "study" and not is_of_places:
            continue
        target = folder / OWN_PLACES / path.name if is_of_places else folder / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_form(path), encoding="utf-8")
        written.append(target)
    readme = folder / "README.md"
    readme.write_text(README.format(folder=folder), encoding="utf-8")
    return [readme, *written]


def _form(path: Path) -> str:
    """Return a seed without rows: its description, its columns and examples as comments."""
    seed = _descriptions()[path.stem]
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    told = {column["name"]: column.get("description", "") for column in seed.get("columns", ())}
    lines = [*_comment(_plain(seed["description"])), "#"]
    for name in header:
        lines += _comment(f"{name}: {_plain(told.get(name, ''))}")
    lines += ["#", *(f"# {line}" for line in _csv(rows[:EXAMPLES]))]
    filled = [[*row, *[""] * (len(header) - len(row))] for row in FILLED.get(path.stem, ())]
    return "\n".join([*lines, *_csv([header, *filled])]) + "\n"


def _csv(rows: list[Any]) -> list[str]:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().splitlines()


def _comment(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield from textwrap.wrap(
            " ".join(paragraph.split()), WIDTH, initial_indent="# ", subsequent_indent="#   "
        )


def _plain(text: str) -> str:
    """Put in the shared texts that a description refers to."""
    blocks = dict(
        re.findall(
            r"\{% docs (\w+) %\}\s*(.*?)\s*\{% enddocs %\}", DOCS.read_text("utf-8"), re.DOTALL
        )
    )
    return re.sub(r"\{\{ doc\('(\w+)'\) \}\}", lambda match: blocks.get(match[1], ""), text)


def _descriptions() -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted(SHIPPED.rglob("*.yml")):
        document = read_yaml(path)
        found.update({seed["name"]: seed for seed in document.get("seeds", ())})
    return found
