"""Columns of the estimation panel, known before there is one: from the seeds of the study."""

from __future__ import annotations

from collections.abc import Iterable

from urban_resilience.shared.project import SeedRow, seed_rows
from urban_resilience.variables.catalog import TEXT, TRUTH, YEAR, catalog, seed_header
from urban_resilience.variables.study_variables import compile_study

PLACES = "cities"
# What the groups of a split are called, as macro group_of_split says it.
SPLIT_WORDS = {
    2: ["low", "high"],
    3: ["low", "middle", "high"],
    4: ["low", "lower", "higher", "high"],
}


def panel_columns(policies: Iterable[str] = ()) -> dict[str, str]:
    """Return the SQL type of every column of ``fct_estimation_panel``, by name.

    Parameters
    ----------
    policies
        Policies that a raw folder brings besides those of the seed.

    Returns
    -------
    dict of str to str
        Without the variables whose rows are wrong.
    """
    policies = list(policies)
    compiled, sources = compile_study(policies), catalog(policies)
    columns = {"city_code": TEXT, "year": YEAR, "city_name_en": TEXT, "city_name_zh": TEXT}
    for kind in ("place", "group"):
        columns |= {name: found.data_type for name, found in sources.of_kind(kind).items()}
    columns |= {
        item.name: compiled.types[item.name]
        for item in compiled.variables
        if item.name in compiled.types
    }
    columns |= {name: YEAR for name in sources.of_kind("policy")}
    columns["is_estimation_sample"] = TRUTH
    columns |= {item.split_name: TEXT for item in compiled.variables if item.split_into}
    return {**columns, "data_origin": TEXT}


def known_texts() -> dict[str, frozenset[str]]:
    """Return what the columns of text can hold that the seeds of the study say, by column.

    Codes of digits are there without their leading zeros, too: as a number they have none.
    """
    places = seed_rows(PLACES)
    held = {name: {row[name] for row in places} for name in ("city_code", *_names(places))}
    for name, found in catalog().of_kind("place").items():
        if found.data_type == TEXT and found.column in seed_header(PLACES):
            held[name] = {row[found.column] for row in places}
    if "province" not in held:
        held["province"] = {row["province_name_en"] for row in seed_rows("provinces")}
    held["city_code"] |= {code.lstrip("0") for code in held["city_code"]}
    for item in compile_study().variables:
        if item.split_into:
            groups = range(1, item.split_into + 1)
            words = SPLIT_WORDS.get(item.split_into, [str(group) for group in groups])
            held[item.split_name] = set(words)
    return {name: frozenset(values - {""}) for name, values in held.items()}


def _names(places: list[SeedRow]) -> tuple[str, ...]:
    return tuple(
        name for name in ("city_name_en", "city_name_zh") if any(row[name] for row in places)
    )
