"""Everything that can be wrong with the rows of a study but for its variables and regressions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import duckdb

from urban_resilience.intake.checking.index_rows import index_problems
from urban_resilience.intake.checking.project_sql import ProjectError, ProjectSql
from urban_resilience.intake.checking.seed_rules import rule_problems
from urban_resilience.intake.checking.series_users import raw_problems
from urban_resilience.shared.names import column_fault, nearest
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import SeedRow, seed_path, seed_rows, shown_path
from urban_resilience.variables.catalog import OWN_PLACE_COLUMNS, seed_header
from urban_resilience.variables.definitions import PANEL_COLUMNS

PLACES, GROUPS, PILOTS = "cities", "city_groups", "policy_pilots"
SCOPES = ("full", "partial")
CORRECT = "Correct the row."
# A year with a digit too few or too many would leave its city untreated, or treated throughout.
YEAR = re.compile(r"(19|20|21)[0-9]{2}")


def study_problems() -> list[Problem]:
    """Check settings, places, groups, policies, series and indices of the study that is built.

    Returns
    -------
    list of Problem
        Empty when nothing is wrong.
    """
    found = [*_settings(), *place_problems(), *raw_problems(), *index_problems(), *rule_problems()]
    # What two checks say of one row is said once.
    return list(dict.fromkeys(found))


def place_problems() -> list[Problem]:
    """Check the list of places, and the groups and policies that name them."""
    places = [row["city_code"] for row in seed_rows(PLACES)]
    return [*_places(), *_groups(places), *_pilots(places)]


def _settings() -> list[Problem]:
    with duckdb.connect() as connection:
        try:
            ProjectSql(connection).macro("check_vars")
        except ProjectError as error:
            return [Problem("seed study_settings", str(error), "")]
    return []


def _places() -> Iterator[Problem]:
    rows = seed_rows(PLACES)
    times = Counter(row["city_code"] for row in rows)
    for name in seed_header(PLACES):
        fault = column_fault(name)
        if not fault and name in PANEL_COLUMNS and name not in OWN_PLACE_COLUMNS:
            fault = "is a column that the panel has already"
        if fault:
            what = f"column '{name}' is an attribute of places, and {fault}."
            yield Problem(shown_path(seed_path(PLACES)), what, "Rename the column.")
    for row in rows:
        code = row["city_code"]
        if not code.strip() or code != code.strip() or " " in code:
            yield _problem(row, f"city_code is '{code}': a code without blanks")
        elif times[code] > 1:
            yield _problem(row, f"city_code '{code}' stands there {times[code]} times")
        for name in ("longitude", "latitude"):
            if row[name] and not _is_number(row[name]):
                yield _problem(row, f"{name} is '{row[name]}': degrees, or empty")


def _groups(places: list[str]) -> Iterator[Problem]:
    rows = seed_rows(GROUPS)
    times = Counter((row["group_id"], row["city_code"]) for row in rows)
    taken = {*PANEL_COLUMNS, *seed_header(PLACES)}
    for row in rows:
        group, code = row["group_id"], row["city_code"]
        yield from _column_name(row, "group_id", taken)
        yield from _known_place(row, code, places)
        if times[group, code] > 1:
            yield _problem(row, f"{code} is in {group} {times[group, code]} times")


def _pilots(places: list[str]) -> Iterator[Problem]:
    taken = {*PANEL_COLUMNS, *seed_header(PLACES)}
    for row in seed_rows(PILOTS):
        yield from _column_name(row, "policy_id", taken)
        yield from _known_place(row, row["city_code"], places)
        if row["scope"] not in SCOPES:
            yield _problem(row, f"scope is '{row['scope']}'{nearest(row['scope'], SCOPES)}")
        for name in ("year", "announced_year"):
            text = row[name].strip()
            if not (YEAR.fullmatch(text) or (name == "announced_year" and not text)):
                yield _problem(row, f"{name} is '{row[name]}': a year of four digits, such as 2012")
        if not row["batch"].strip().isdigit():
            yield _problem(row, f"batch is '{row['batch']}': a whole number")


def _column_name(row: SeedRow, column: str, taken: set[str]) -> Iterator[Problem]:
    name = row[column]
    if fault := column_fault(name):
        yield _problem(row, f"{column} '{name}' becomes a column, and {fault}")
    elif name in taken:
        yield _problem(row, f"{column} '{name}' is a column that the panel has already")


def _known_place(row: SeedRow, code: str, places: list[str]) -> Iterator[Problem]:
    if code not in places:
        yield _problem(row, f"city_code '{code}' is not in cities{nearest(code, places)}")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _problem(row: SeedRow, fault: str) -> Problem:
    return Problem(row.seed, f"row {row.line}, {fault}.", CORRECT)
