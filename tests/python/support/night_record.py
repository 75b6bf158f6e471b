"""What became of each corruption of support/first_nights.py, and the table that documents show."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from support.dbt import ROOT
from support.raw_stage import FIRST, SECOND
from support.verdicts import ERROR, HARMLESS, INTAKE, STOPPED, Verdict

RECORD = ROOT / "tests" / "python" / "warehouse" / "first_nights.csv"
PAGE = ROOT / "docs" / "quality.md"
NOTES = ROOT / "target" / "first_nights.csv"
BEGIN = "<!-- generated: FUZZ=write pytest tests/python/warehouse/test_fuzz.py -->"
END = "<!-- end -->"
STOPS, WARNS, SILENT = "stopped", "warned", "silent"
# By kind, what is wrong.
KINDS = {
    "unit": "provinces, blocks and industries in another unit or currency",
    "column": "whole columns, all years up to one, columns exchanged",
    "years": "years off by one, columns a year late or in reverse",
    "copy": "years, cities and cells pasted, years on straight lines",
    "heap": "0 and codes for missing values",
    "table": "flows and output scaled, turned, pasted, zeroed",
    "period": "some years of cities and provinces in another unit",
    "quantity": "another quantity under a header: cumulative, per head, percent, exchanged",
    "range": "1e18 and 1e300, by the rows that are refused",
    "nation": "the national series",
    "members": "members of a province or year lost, moved or repeated",
    "share": "shares of cities and provinces in another unit, by their decimals",
    "place": "a county in place of its city, columns shifted left, figures beside other cities",
    "beside": "members and output a year late, industries and provinces gone or moved",
    "unknowable": "what a folder alone cannot show: listed below",
}


def ending(verdict: Verdict) -> str:
    """Say how a night ended for its readers.

    Parameters
    ----------
    verdict
        A night that named something else than file and column counts as silent, and so does one
        that did not see any change.
    """
    if verdict.fault or verdict.layer == HARMLESS:
        return SILENT
    return STOPS if verdict.layer in (INTAKE, STOPPED, ERROR) else WARNS


@dataclass(frozen=True)
class Notes:
    """Endings noted as they come: a run that was cut short is taken up where it stopped.

    Attributes
    ----------
    judged_by
        Digest of what judges, gates and corruptions: what was noted under another is left aside.
    path
        File of the notes.
    """

    judged_by: str
    path: Path = NOTES

    def read(self) -> dict[str, tuple[str, ...]]:
        """Read what was noted: endings of the nights, by corruption."""
        if not self.path.exists():
            return {}
        with self.path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
        return {name: tuple(ends) for judge, name, *ends in rows if judge == self.judged_by}

    def add(self, name: str, endings: tuple[str, ...]) -> None:
        """Note how the nights of a corruption ended."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerow([self.judged_by, name, *endings])


def read_record() -> pd.DataFrame:
    """Read how every night ended: name, kind, first, second."""
    return pd.read_csv(RECORD)


def write_record(record: pd.DataFrame, listed: Mapping[str, int]) -> None:
    """Write the record, and the table of the documents.

    Parameters
    ----------
    record, listed
        As `as_table` takes them.
    """
    record.to_csv(RECORD, index=False)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN + "\n")
    after = rest.split(END, 1)[1]
    table = as_table(record, listed)
    PAGE.write_text(f"{before}{BEGIN}\n{table}{END}{after}", encoding="utf-8")


def table_in_page() -> str:
    """Read the table of the documents."""
    return PAGE.read_text(encoding="utf-8").split(BEGIN + "\n")[1].split(END)[0]


def as_table(record: pd.DataFrame, listed: Mapping[str, int]) -> str:
    """Count by kind how nights ended, as a table of the documents.

    Parameters
    ----------
    record
        As `read_record` reads it.
    listed
        How many corruptions of each kind the list has.
    """
    rows = [
        _row(kind, about, listed[kind], record[record["kind"] == kind])
        for kind, about in KINDS.items()
    ]
    rows.append(_row("all", "", sum(listed.values()), record))
    head = "| kind | what is wrong | in the list | on record | first night: stopped | warned |"
    head += " unknowable | second night: stopped | warned |\n|" + "---|" * 9
    return "\n".join([head, *rows]) + "\n"


def _row(kind: str, about: str, n_listed: int, record: pd.DataFrame) -> str:
    first, second = record[FIRST], record[SECOND]
    counts = [
        n_listed,
        len(record),
        *((first == end).sum() for end in (STOPS, WARNS, SILENT)),
        *((second == end).sum() for end in (STOPS, WARNS)),
    ]
    return "| " + " | ".join([kind, about, *map(str, counts)]) + " |"
