"""Rows of seeds that name series: inputs of measures, rules, relations, expectations, decisions."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache

from urban_resilience.intake.checking.series_rows import raw_column_problems, series_names
from urban_resilience.shared.conditions import ConditionError, check_on_numbers, named_in
from urban_resilience.shared.names import nearest
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import ROOT, SeedRow, seed_rows

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ASKED_FOR = re.compile(r"measure_input\('(\w+)', '(\w+)'\)")
STAGED = "stg_yearbook__city_years"
KEYS = ("city_code", "city_name_zh", "year")


def raw_problems() -> list[Problem]:
    """Check the study's series and every row that names one; empty when nothing is wrong."""
    found = raw_column_problems()
    of_panel, supplied = series_names(with_auxiliary=False), series_names()
    for name, faults, series in (
        ("measure_inputs", _faults_of_input, of_panel),
        ("accounting_rules", _faults_of_rule, supplied),
        ("series_relations", _faults_of_relation, of_panel),
        ("data_expectations", _faults_of_expectation, supplied),
        ("cell_decisions", _faults_of_decision, supplied),
    ):
        for row in seed_rows(name):
            found += [
                Problem(row.seed, f"row {row.line}, {fault}", "Correct the row.")
                for fault in faults(row, series)
            ]
    inputs = Counter((row["measure"], row["role"]) for row in seed_rows("measure_inputs"))
    found += [
        Problem("seed measure_inputs", f"`{role}` of {measure} stands there twice.", "Keep one.")
        for (measure, role), times in inputs.items()
        if times > 1
    ]
    return found


@cache
def measure_roles() -> dict[str, tuple[str, ...]]:
    """Return the inputs that models ask for, by measure: their SQL is the one list of them."""
    asked: dict[str, dict[str, None]] = {}
    for path in sorted((ROOT / "models").rglob("*.sql")):
        for measure, role in _ASKED_FOR.findall(path.read_text(encoding="utf-8")):
            asked.setdefault(measure, {})[role] = None
    return {measure: tuple(roles) for measure, roles in asked.items()}


def _faults_of_input(row: SeedRow, series: Collection[str]) -> Iterator[str]:
    measure, role = row["measure"], row["role"]
    roles = measure_roles()
    if measure not in roles:
        yield f"measure: nothing is computed by the name `{measure}`{nearest(measure, roles)}."
    elif role not in roles[measure]:
        yield f"role: {measure} has no input `{role}`{nearest(role, roles[measure])}."
    if row["series"] not in series:
        yield f"series: there is no `{row['series']}`{nearest(row['series'], series)}."
    if not _is_positive(row["factor"]):
        yield f"factor: {row['factor']!r} is not a number above 0."


def _faults_of_rule(row: SeedRow, series: Collection[str]) -> Iterator[str]:
    name = row["rule"]
    if not _NAME.fullmatch(name):
        yield f"rule: {name!r} is no name of lower-case letters, digits and underscores."
    if row["series"] not in series:
        yield f"`{name}`, series: there is no `{row['series']}`{nearest(row['series'], series)}."
    if not row["reason"].strip():
        yield f"`{name}`, reason is empty: say in words what is wrong with such a cell."
    is_part = bool(row["part"]) and bool(row["whole"]) and not row["condition"]
    is_condition = bool(row["condition"]) and not row["part"] and not row["whole"]
    if not is_part and not is_condition:
        yield f"`{name}` needs either part and whole, or a condition."
        return
    if row["slack"] and not _is_positive(row["slack"]):
        yield f"`{name}`, slack: {row['slack']!r} is not a number above 0."
    for column in ("part", "whole") if is_part else ("condition",):
        for fault in _faults_of_expression(row[column], series, is_truth=is_condition):
            yield f"`{name}`, {column} `{row[column]}`: {fault}"


def _faults_of_relation(row: SeedRow, series: Collection[str]) -> Iterator[str]:
    name = row["relation"]
    if not _NAME.fullmatch(name):
        yield f"relation: {name!r} is no name of lower-case letters, digits and underscores."
    for one in row["series"].split():
        if one not in series:
            yield f"`{name}`, series: there is no `{one}`{nearest(one, series)}."
    bounds = [row[f"{end}_{kind}"] for end in ("lowest", "highest") for kind in ("typical", "year")]
    if not all(map(_is_positive, bounds)):
        yield f"`{name}`: its bounds are not four numbers above 0."
    known = [*series, *(f"last_{one}" for one in series), "census_employed_persons"]
    for column in ("numerator", "denominator"):
        for fault in _faults_of_expression(row[column], known, is_truth=False):
            yield f"`{name}`, {column} `{row[column]}`: {fault}"


def _faults_of_expression(text: str, series: Collection[str], is_truth: bool) -> Iterator[str]:
    try:
        unknown = sorted(name for name in named_in(text) if name not in series)
        for name in unknown:
            yield f"there is no series `{name}`{nearest(name, series)}."
        if not unknown:
            check_on_numbers(text if is_truth else f"({text}) > 0")
    except ConditionError as error:
        yield f"{error}."


def _faults_of_expectation(row: SeedRow, series: Collection[str]) -> Iterator[str]:
    """Of the one relation whose columns the study's rows make: others are checked when read."""
    if row["relation"] != STAGED:
        return
    try:
        arguments = json.loads(row["arguments"] or "{}")
    except json.JSONDecodeError:
        yield f"`{row['expectation_id']}`: arguments is no JSON object."
        return
    for argument in ("column", "column_A", "column_B"):
        name = arguments.get(argument)
        if name is not None and name not in (*KEYS, *series):
            yield f"`{row['expectation_id']}`: there is no series `{name}`{nearest(name, series)}."


def _faults_of_decision(row: SeedRow, series: Collection[str]) -> Iterator[str]:
    if row["series"] not in series:
        yield f"series: there is no `{row['series']}`{nearest(row['series'], series)}."


def _is_positive(text: str) -> bool:
    try:
        return 0 < float(text) < float("inf")
    except ValueError:
        return False
