"""Rows of seed ``regression_specs`` read into specifications, checked before anything runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

import pandas as pd

from urban_resilience.estimation.formula import FormulaError, parse_formula
from urban_resilience.estimation.least_squares.regression_sample import CLUSTERED
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.spec_faults import (
    FEWEST_DRAWS,
    LEAST_SQUARES,
    estimators_of,
    faults_of_row,
)
from urban_resilience.shared.conditions import ConditionError, compared_texts, satisfied
from urban_resilience.shared.names import nearest
from urban_resilience.variables.origins import Origins

# Columns of the seed that are for readers.
FOR_READERS = ("note", "note_zh")
# How the ids of tables begin that are laid out as a paper prints them.
PRINTED_TABLE = "table_"
LISTS = ("controls", "fixed_effects", "batches", "matching_covariates")
WHOLE_NUMBERS = ("n_draws", "seed", "reference_period", "neighbours")
NUMBERS = ("caliper", "bandwidth")
# What stands in for a number that cannot be read, so that its cell is one fault and not two.
STAND_INS = {"n_draws": FEWEST_DRAWS, "reference_period": -1}


class SpecError(ValueError):
    """One or more rows of ``regression_specs`` are wrong; the message names each row and fault."""


def parse_specs(rows: pd.DataFrame) -> list[RegressionSpec]:
    """Read seed rows into specifications, in the order of their ``spec_id``.

    Parameters
    ----------
    rows
        Rows of ``regression_specs``; absent values are null or empty.

    Raises
    ------
    SpecError
        A column is missing or read by nothing, or a number is none.
    """
    specs, faults = read_specs(rows)
    if faults:
        listed = "; ".join(f"{spec_id}: {fault}" for spec_id, fault in faults)
        raise SpecError(f"seed regression_specs: {listed}")
    return specs


def read_specs(rows: pd.DataFrame) -> tuple[list[RegressionSpec], list[tuple[str, str]]]:
    """Read seed rows, and list the cells that cannot be read as (``spec_id``, fault).

    Raises
    ------
    SpecError
        A column is missing, or nothing reads it.
    """
    every = fields(RegressionSpec)
    known = [field.name for field in every]
    missing = [f.name for f in every if f.default is MISSING and f.name not in rows.columns]
    if missing:
        raise SpecError(f"seed regression_specs has no column {', '.join(missing)}")
    unread = [name for name in rows.columns if name not in (*known, *FOR_READERS)]
    if unread:
        named = "; ".join(f"'{name}'{nearest(name, known)}" for name in unread)
        raise SpecError(f"seed regression_specs has columns that nothing reads: {named}")
    names = [name for name in known if name in rows.columns]
    text = rows[names].astype("object").where(rows[names].notna(), "").astype(str)
    text = text.apply(lambda column: column.str.strip()).sort_values("spec_id", kind="stable")
    specs, faults = [], []
    for row in text.to_dict("records"):
        values: dict[str, Any] = {name: _parsed(name, value) for name, value in row.items()}
        for name, value in values.items():
            if isinstance(value, _Unreadable):
                kind = "whole number" if name in WHOLE_NUMBERS else "number"
                faults.append((row["spec_id"], f"{name} '{row[name]}' is no {kind}"))
                values[name] = STAND_INS.get(name, 1)
        values["vcov"] = values.get("vcov") or CLUSTERED
        if values.get("formula"):
            faults += [(row["spec_id"], fault) for fault in _fill_from_formula(values)]
        if not values["estimator"]:
            values["estimator"] = next(iter(estimators_of(values["design"])), LEAST_SQUARES)
        specs.append(RegressionSpec(**values))
    return specs, faults


def _fill_from_formula(values: dict[str, Any]) -> list[str]:
    """Fill the cells that a formula states, and say which filled ones it contradicts.

    A filled ``treatment`` may name any regressor of the formula: it says which one is asked about.
    """
    try:
        formula = parse_formula(values["formula"])
    except FormulaError as error:
        return [f"formula: {error}"]
    faults = []
    first = formula.endogenous or formula.regressors[0]
    treatment = values["treatment"]
    if treatment and not formula.endogenous and treatment in formula.regressors:
        first = treatment
    stated: dict[str, str | tuple[str, ...]] = {
        "outcome": formula.outcome,
        "treatment": first,
        "controls": tuple(name for name in formula.regressors if name != first),
        "fixed_effects": formula.fixed_effects,
        "instrument": " ".join(formula.instruments),
        "design": "iv" if formula.instruments else "twfe",
    }
    for name, value in stated.items():
        filled = values.get(name, "")
        if filled in ("", ()):
            values[name] = value
        elif name != "design" and _words(filled) != _words(value):
            shown = " ".join(filled) if isinstance(filled, tuple) else filled
            said = " ".join(value) if isinstance(value, tuple) else value
            faults.append(
                f"{name} is '{shown}', the formula says '{said or 'none'}': empty the cell"
            )
    return faults


def _words(cell: str | tuple[str, ...]) -> set[str]:
    return set(cell.split() if isinstance(cell, str) else cell)


class _Unreadable:
    """Stands where a cell could not be read."""


def _parsed(name: str, value: str) -> str | float | tuple[str, ...] | _Unreadable | None:
    if name in LISTS:
        return tuple(value.split())
    if name in NUMBERS:
        number = re.fullmatch(r"[+-]?(\d{1,18}(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", value)
        if value and not number:
            return _Unreadable()
        return float(value) if number else None
    if name in WHOLE_NUMBERS:
        # A column with empty cells may reach us as 1000.0.
        number = re.fullmatch(r"([+-]?\d{1,18})(\.0*)?", value)
        if value and not number:
            return _Unreadable()
        return int(number[1]) if number else None
    return value


def faults_of(
    spec: RegressionSpec, panel: pd.DataFrame, policies: Collection[str] | None = None
) -> list[str]:
    """Say in words everything that is wrong with one specification (empty when nothing is).

    Parameters
    ----------
    spec
        The row.
    panel
        The estimation panel, or an empty frame with its columns and types: names and types are
        judged, and what a filter does on the rows that are there.
    policies
        Policies that have pilots; None where they are not known.
    """
    return _faults(spec, panel, policies, _filter_fault(spec.sample_filter, panel, {}))


def list_faults(
    specs: Iterable[RegressionSpec],
    panel: pd.DataFrame,
    policies: Collection[str] | None = None,
    origins: Origins | None = None,
    texts: Mapping[str, Collection[str]] | None = None,
) -> list[tuple[str, str]]:
    """List every fault of every specification as its ``spec_id`` and the fault in words.

    Parameters
    ----------
    specs, panel, policies
        As in :func:`faults_of`.
    origins
        What variables are computed from; None where it is not known.
    texts
        What columns of text can hold, those of which it is known.
    """
    specs = list(specs)
    # Many regressions share a sample: each filter is tried once.
    every = {spec.sample_filter for spec in specs}
    filters = {text: _filter_fault(text, panel, texts or {}) for text in every}
    found = [
        (spec.spec_id, fault)
        for spec in specs
        for fault in _faults(spec, panel, policies, filters[spec.sample_filter], origins)
    ]
    found += [(spec_id, "spec_id is used twice") for spec_id in _used_twice(specs, "spec_id")]
    # Where a table is laid out as printed, one place holds one regression.
    printed = [spec for spec in specs if spec.table_id.startswith(PRINTED_TABLE)]
    places = {(spec.table_id, spec.column_id): spec.spec_id for spec in printed}
    found += [
        (spec.spec_id, f"column '{spec.column_id}' of {spec.table_id} is also that of {other}")
        for spec in printed
        if (other := places[spec.table_id, spec.column_id]) != spec.spec_id
    ]
    return found


def validate_specs(
    specs: Iterable[RegressionSpec],
    panel: pd.DataFrame,
    policies: Collection[str] | None = None,
) -> None:
    """Raise one :class:`SpecError` that lists every fault of every specification."""
    messages = [f"{spec_id}: {fault}" for spec_id, fault in list_faults(specs, panel, policies)]
    if messages:
        raise SpecError("seed regression_specs: " + "; ".join(messages))


def specs_of(design: str | Collection[str], rows: pd.DataFrame) -> list[RegressionSpec]:
    """Specifications of one design or several, from rows that passed their checks."""
    specs = parse_specs(rows)
    wanted = (design,) if isinstance(design, str) else tuple(design)
    return [spec for spec in specs if spec.design in wanted]


def _filter_fault(
    sample_filter: str, panel: pd.DataFrame, texts: Mapping[str, Collection[str]]
) -> str | None:
    if not sample_filter:
        return None
    try:
        satisfied(panel, sample_filter)
    except ConditionError as error:
        return str(error)
    # A name that nothing has keeps no row, or all of them, without a word.
    for column, text in sorted(compared_texts(sample_filter)):
        if text and column in texts and text not in texts[column]:
            return f"no row has '{text}' in {column}{nearest(text, sorted(texts[column]))}"
    return None


def _faults(
    spec: RegressionSpec,
    panel: pd.DataFrame,
    policies: Collection[str] | None,
    filter_fault: str | None,
    origins: Origins | None = None,
) -> list[str]:
    faults = faults_of_row(spec, panel, policies, origins)
    if filter_fault:
        faults.append(f"sample_filter does not work: {filter_fault}")
    return faults


def _used_twice(specs: Collection[RegressionSpec], name: str) -> list[str]:
    values = [getattr(spec, name) for spec in specs]
    return sorted({value for value in values if values.count(value) > 1})
