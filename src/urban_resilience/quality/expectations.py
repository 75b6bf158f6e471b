"""Expectations as data: rows of seed ``data_expectations``, checked before any is evaluated."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pandas as pd

SEVERITIES = ("error", "warn")
KINDS = ("schema", "key", "coverage", "range", "jump", "identity", "drift", "sanity")
# Arguments of Great Expectations that name columns of the relation.
COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list", "column_set")


class ExpectationError(ValueError):
    """A row of the seed cannot be evaluated; the message names row, fault and remedy."""


@dataclass(frozen=True)
class Expectation:
    """One row of the seed.

    Attributes
    ----------
    expectation_id
        Key.
    layer
        ``raw``, ``indices``, ``panel`` or ``results``: the suite that it belongs to.
    relation
        Model that it is about.
    type
        Name in Great Expectations, for example ``expect_column_values_to_be_between``.
    arguments
        Its arguments.
    row_filter
        SQL condition: only these rows are judged; empty for all.
    key_columns
        Columns that tell a reader which row failed.
    severity
        ``error`` stops what is downstream, ``warn`` does not.
    kind
        Of :data:`KINDS`; ``drift`` compares with the published build.
    why
        What a failure would mean, in a sentence.
    """

    expectation_id: str
    layer: str
    relation: str
    type: str
    arguments: dict
    row_filter: str
    key_columns: tuple[str, ...]
    severity: str
    kind: str
    why: str
    columns: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        named = [self.arguments.get(argument, ()) for argument in COLUMN_ARGUMENTS]
        flat = [[value] if isinstance(value, str) else list(value) for value in named]
        object.__setattr__(self, "columns", tuple(name for names in flat for name in names))


def read_expectations(
    seed: pd.DataFrame, layer: str, columns: Mapping[str, Collection[str]]
) -> list[Expectation]:
    """Read the expectations of a layer.

    Parameters
    ----------
    seed
        Rows of ``data_expectations``.
    layer
        Suite to read.
    columns
        Columns of each relation that the layer audits.

    Raises
    ------
    ExpectationError
        A row names an unknown relation or column, or cannot be read.
    """
    rows = seed[seed["layer"] == layer].fillna("").astype(str)
    found = [_expectation(row) for row in rows.to_dict("records")]
    for expectation in found:
        _check_names(expectation, columns)
    return found


def _expectation(row: Mapping[str, str]) -> Expectation:
    place = f"Seed data_expectations, row {row['expectation_id']}"
    for name, known in (("severity", SEVERITIES), ("kind", KINDS)):
        if row[name] not in known:
            raise ExpectationError(f"{place}: unknown {name} '{row[name]}'. Known: {known}.")
    if not row["why"]:
        raise ExpectationError(f"{place}: `why` is empty. Say what a failure would mean.")
    try:
        arguments = json.loads(row["arguments"] or "{}")
    except json.JSONDecodeError as error:
        raise ExpectationError(f"{place}: `arguments` is no JSON object ({error}).") from error
    if not isinstance(arguments, dict):
        raise ExpectationError(f"{place}: `arguments` is no JSON object.")
    return Expectation(
        expectation_id=row["expectation_id"],
        layer=row["layer"],
        relation=row["relation"],
        type=row["expectation"],
        arguments=arguments,
        row_filter=row["row_filter"],
        key_columns=tuple(row["key_columns"].split()),
        severity=row["severity"],
        kind=row["kind"],
        why=row["why"],
    )


def _check_names(expectation: Expectation, columns: Mapping[str, Collection[str]]) -> None:
    place = f"Seed data_expectations, row {expectation.expectation_id}"
    if expectation.relation not in columns:
        known = ", ".join(sorted(columns))
        raise ExpectationError(
            f"{place}: layer {expectation.layer} does not audit '{expectation.relation}'."
            f" It audits: {known}."
            f" Add the relation to models/gates/dq_{expectation.layer}.py."
        )
    present = columns[expectation.relation]
    for name in (*expectation.columns, *expectation.key_columns):
        if name not in present:
            near = difflib.get_close_matches(name, present, n=3)
            hint = f" Near: {', '.join(near)}." if near else ""
            raise ExpectationError(f"{place}: {expectation.relation} has no column '{name}'.{hint}")
