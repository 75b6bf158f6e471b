"""Records of a streamed text file that do not go with its header."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb

from urban_resilience.intake.reading.odd_records import odd_records
from urban_resilience.intake.reading.read_delimited import DELIMITERS
from urban_resilience.shared.database import path_literal, quote
from urban_resilience.shared.problems import FileFault

# No text file holds it: a whole line is one cell.
_NO_DELIMITER = "\x1f"


def odd_lines(
    connection: duckdb.DuckDBPyConnection, path: Path, delimiter: str, width: int, skipped: int
) -> tuple[dict[int, str], list[str]]:
    """Find records that cannot be used as they stand, as `odd_records` does.

    Nearly every large file was written by a program, and its lines are alike: they are counted
    by the database. Only where some are not is the file read record by record.

    Parameters
    ----------
    connection
        To count with.
    path
        The file, in UTF-8.
    delimiter, width
        The sign that separates cells, and the number of cells of the header.
    skipped
        Lines before the first record of data.

    Raises
    ------
    FileFault
        A quotation mark swallows records.
    """
    if _are_alike(connection, path, delimiter, width, skipped):
        return {}, []
    others = [sign for sign in DELIMITERS if sign != delimiter]
    return odd_records(_records(path, delimiter), delimiter, others)


def _are_alike(
    connection: duckdb.DuckDBPyConnection, path: Path, delimiter: str, width: int, skipped: int
) -> bool:
    """Whether every line is a record of as many cells as the header."""
    sign, mark = quote(delimiter), "'\"'"
    quoted = '\'"[^"]*"\''
    outside = f"if(contains(line, {mark}), regexp_replace(line, {quoted}, '', 'g'), line)"
    try:
        odd = connection.execute(
            f"""
            with lines as (
                select trim(line, chr(13)) as line
                from read_csv({path_literal(path)}, header = false, auto_detect = false,
                    hive_partitioning = false, skip = {skipped}, delim = {quote(_NO_DELIMITER)},
                    quote = '', escape = '', columns = {{'line': 'VARCHAR'}})
            ),
            bare as (select {outside} as line from lines where line is not null)
            select count(*) from bare
            where contains(line, {mark})
                or len(line) - len(replace(line, {sign}, '')) <> {width - 1}
            """
        ).fetchall()[0][0]
    except duckdb.Error:
        return False
    return odd == 0


def _records(path: Path, delimiter: str) -> Iterator[list[str]]:
    n_read = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for record in csv.reader(file, delimiter=delimiter):
                n_read += 1
                yield record
    except csv.Error as error:
        remedy = "Look for an unclosed quotation mark."
        raise FileFault(f"row {n_read + 1}: {error}.", remedy) from None
