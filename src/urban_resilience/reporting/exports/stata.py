"""Marts as Stata files, with labels of variables and of values."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyreadstat

from urban_resilience.reporting.built import Built
from urban_resilience.reporting.dictionary import FIRST, Column, Mart
from urban_resilience.reporting.exports.excerpt import excerpt_of
from urban_resilience.reporting.exports.flat_files import NUMBERS, rows_of
from urban_resilience.shared.database import name

# Text takes one width in all rows: a file of more is slow to write, and larger than the warehouse.
MOST_ROWS = 200_000
LONGEST_LABEL = 80
LONGEST_TEXT_BYTES = 2045
# Text of few values in a wide panel: a number with labels, as `encode` makes them.
ENCODED = {"city_code": "city_id", "province": "province_id"}
# Stata keeps the numbers above these for its kinds of missing value.
LARGEST, LARGEST_DOUBLE = 2_147_483_620, 8.988e307
ValueLabels = dict[str, dict[int | float, str]]
NO_YES: dict[int | float, str] = {0: "no", 1: "yes"}


def write_stata(connection: duckdb.DuckDBPyConnection, mart: Mart, built: Built, file: Path) -> str:
    """Write a mart as ``.dta`` for Stata 14 and later (UTF-8).

    Names longer than 32 letters are shortened as the dictionary says, truth values are 0 and 1
    with labels, text is cut at 2,045 bytes, and a column without a value is a number that is
    missing everywhere. In the estimation panel ``city_id`` and ``province_id`` stand for the text,
    labelled by it, so that commands that want numbers have them.

    Returns
    -------
    str
        Which rows the file has, in words; it is not written where a mart has too many.
    """
    condition, words = excerpt_of(connection, mart, MOST_ROWS)
    if condition is None:
        return words
    frame, value_labels = stata_frame(connection, mart, condition)
    labels: list[str | None] = [column.label_en[:LONGEST_LABEL] for column in mart.columns]
    if mart.relation == FIRST:
        for text, number in ENCODED.items():
            if text in mart_names(mart) and number not in frame:
                frame[number], value_labels[number] = _encoded(frame, text)
                labels.append(f"{text} as a labelled number"[:LONGEST_LABEL])
    note = f"{'SIMULATED DATA ' if built.is_simulated else ''}{mart.name} {built.short_hash}"
    pyreadstat.write_dta(
        frame,
        str(file),
        file_label=note[:LONGEST_LABEL],
        column_labels=labels,
        variable_value_labels=value_labels,
        version=15,
    )
    return words


def stata_frame(
    connection: duckdb.DuckDBPyConnection, mart: Mart, condition: str = "true"
) -> tuple[pd.DataFrame, ValueLabels]:
    """Return rows of a mart as Stata takes them, by Stata's names, and the labels of values."""
    selected = ", ".join(f"{_cast(column)} as {name(column.stata_name)}" for column in mart.columns)
    frame = connection.execute(f"select {selected} from {rows_of(mart, condition)}").df()
    value_labels: ValueLabels = {}
    for column in mart.columns:
        own = column.stata_name
        if column.data_type == "BOOLEAN":
            value_labels[own] = NO_YES
        values = frame[own]
        if values.isna().all() and not _is_text(column):
            frame[own] = np.full(len(frame), np.nan)
        elif _is_text(column):
            filled = values.astype(object).where(values.notna(), "")
            # A letter has up to four bytes: most columns have nothing to cut.
            is_long = filled.str.len().max() > LONGEST_TEXT_BYTES // 4
            frame[own] = filled.map(_cut) if is_long else filled
        elif column.data_type in NUMBERS and values.abs().max() > LARGEST:
            # Infinity, and what its types of number do not reach, is missing in Stata.
            frame[own] = values.astype(float).where(values.abs() < LARGEST_DOUBLE)
    return frame, value_labels


def mart_names(mart: Mart) -> set[str]:
    """Names of its columns."""
    return {column.name for column in mart.columns}


def _cast(column: Column) -> str:
    quoted = name(column.name)
    if column.data_type == "BOOLEAN":
        return f"cast({quoted} as double)"
    if column.data_type in NUMBERS or column.data_type.startswith("DECIMAL"):
        is_small = column.data_type in ("TINYINT", "SMALLINT", "INTEGER")
        return f"cast({quoted} as {'integer' if is_small else 'double'})"
    if column.data_type == "TIMESTAMP WITH TIME ZONE":
        return f"cast({quoted} at time zone 'UTC' as timestamp)"
    if column.data_type.startswith("TIMESTAMP") or column.data_type == "DATE":
        return f"cast({quoted} as timestamp)"
    return f"cast({quoted} as varchar)"


def _is_text(column: Column) -> bool:
    kind = column.data_type
    return not (kind in (*NUMBERS, "BOOLEAN", "DATE") or kind.startswith(("DECIMAL", "TIMESTAMP")))


def _cut(text: str) -> str:
    return str(text).encode()[:LONGEST_TEXT_BYTES].decode(errors="ignore")


def _encoded(frame: pd.DataFrame, text: str) -> tuple[pd.Series, dict[int | float, str]]:
    """Give the values of a text numbers in their order; cities are labelled with their names."""
    codes, values = pd.factorize(frame[text], sort=True)
    shown = list(values)
    if text == "city_code" and "city_name_en" in frame:
        names = frame.drop_duplicates(text).set_index(text)["city_name_en"]
        shown = [names[value] or value for value in values]
    numbers = pd.Series(codes + 1.0, index=frame.index).where(frame[text] != "")
    return numbers, {place: str(value)[:LONGEST_LABEL] for place, value in enumerate(shown, 1)}
