"""What an expression may name: the data of the study, read from its seeds and the raw contract."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass

from urban_resilience.shared.names import nearest
from urban_resilience.shared.project import seed_path, seed_rows

# In the order in which a plain name is looked up; `kind.name` names one of them.
KINDS = ("key", "measure", "index", "indicator", "series", "national", "group", "place", "policy")
NUMBER, TRUTH, TEXT, YEAR = "double", "boolean", "varchar", "integer"
KEYS = {"city_code": TEXT, "year": YEAR}
# Dates of a policy as columns: `smart_city_year` is the first year as a full pilot.
POLICY_DATES = {
    "year": "first_full_year",
    "announced_year": "first_full_announced_year",
    "partial_year": "first_partial_year",
}
# An index needs the indicators of its set.
INDICATORS_OF = "indicators:"
# Of the list of places these have columns of their own, or are no attribute.
OWN_PLACE_COLUMNS = ("city_code", "city_name_zh", "city_name_en", "province_code", "evidence")


@dataclass(frozen=True)
class Source:
    """A column that an expression may read.

    Attributes
    ----------
    kind
        One of :data:`KINDS`, or ``variable`` for one that an earlier stage has computed.
    name
        As an expression names it within its kind; ``index.dimension`` for a part of an index.
    data_type
        SQL type.
    relation
        Model that has it, for measures; the policy, for dates.
    column
        Its column there; the index or the group.
    dimension
        Of an index, empty for the whole.
    needs
        Raw files and series it is computed from, where no expression says so.
    is_early
        It is computed before the sample is drawn.
    is_known_before_sample
        A measure computed after it, of which is known before which city-years have it.
    """

    kind: str
    name: str
    data_type: str = NUMBER
    relation: str = ""
    column: str = ""
    dimension: str = ""
    needs: tuple[str, ...] = ()
    is_early: bool = False
    is_known_before_sample: bool = False

    @property
    def alias(self) -> str:
        """Name of its column among the inputs of a stage; no seed can give this name."""
        if self.kind in ("key", "variable"):
            return self.name
        return f"_{self.kind}_{self.name.replace('.', '__')}"


class Catalog:
    """Sources by name, and the definitions that stand before them."""

    def __init__(self, sources: Iterable[Source]):
        self._by_kind: dict[str, dict[str, Source]] = {kind: {} for kind in KINDS}
        for source in sources:
            self._by_kind[source.kind][source.name] = source

    def find(self, name: str) -> Source | None:
        """Return the source of a name, plain or with its kind."""
        kind, _, rest = name.partition(".")
        if rest and kind in self._by_kind and rest in self._by_kind[kind]:
            return self._by_kind[kind][rest]
        return next((found[name] for found in self._by_kind.values() if name in found), None)

    def of_kind(self, kind: str) -> dict[str, Source]:
        """Return the sources of one kind by name."""
        return self._by_kind[kind]

    def unknown(self, name: str, also: Iterable[str] = ()) -> str:
        """Say that a name is not known, with those that look like it."""
        known = [*also, *(found for kind in KINDS for found in self._by_kind[kind])]
        return f"'{name}' is no name of the study{nearest(name, dict.fromkeys(known))}"


def catalog(policies: Iterable[str] = (), with_auxiliary: bool = False) -> Catalog:
    """Read the sources of the study that is built.

    Parameters
    ----------
    policies
        Policies that a raw folder brings besides those of the seed.
    with_auxiliary
        Also series that are only supplied for others to be derived from.
    """
    return Catalog(
        [
            *(Source("key", name, kind, is_early=True) for name, kind in KEYS.items()),
            *_measures(),
            *_indices(),
            *_indicators(),
            *_series(with_auxiliary),
            *_national(),
            *_groups(),
            *_places(),
            *_policies(policies),
        ]
    )


def _measures() -> Iterable[Source]:
    for row in seed_rows("measures"):
        yield Source(
            "measure", row["measure"], row["data_type"], row["relation"], row["column_name"],
            needs=tuple(row["needs"].split()),
            is_known_before_sample=row["known_before_sample"] == "true",
        )  # fmt: skip


def _indices() -> Iterable[Source]:
    dimensions: dict[str, list[str]] = {}
    for row in seed_rows("index_indicators"):
        dimensions.setdefault(row["indicator_set"], []).append(row["dimension"])
    for row in seed_rows("index_definitions"):
        index_id, needs = row["index_id"], (INDICATORS_OF + row["indicator_set"],)
        yield Source("index", index_id, column=index_id, needs=needs)
        for dimension in dict.fromkeys(dimensions.get(row["indicator_set"], ())):
            yield Source(
                "index", f"{index_id}.{dimension}", column=index_id, dimension=dimension,
                needs=needs,
            )  # fmt: skip


def _indicators() -> Iterable[Source]:
    for row in seed_rows("resilience_indicators"):
        name = row["indicator_id"]
        yield Source("indicator", name, column=name, is_early=True)


def _series(with_auxiliary: bool) -> Iterable[Source]:
    for row in seed_rows("raw_columns"):
        is_auxiliary = row["is_auxiliary"] == "true"
        if row["table_name"] == "city_yearbook" and (with_auxiliary or not is_auxiliary):
            name = row["column_name"]
            yield Source("series", name, column=name, needs=(name,), is_early=True)


def _national() -> Iterable[Source]:
    for row in seed_rows("raw_columns"):
        if row["table_name"] == "national_series":
            name = row["column_name"]
            yield Source("national", name, column=name, needs=("national_series",), is_early=True)


def _groups() -> Iterable[Source]:
    for name in dict.fromkeys(row["group_id"] for row in seed_rows("city_groups")):
        yield Source("group", name, TRUTH, column=name, is_early=True)


def _places() -> Iterable[Source]:
    """Attributes of places: the further columns of their list, numbers where all are."""
    rows = seed_rows("cities")
    header = seed_header("cities")
    for name in header:
        if name not in OWN_PLACE_COLUMNS:
            kind = NUMBER if rows and all(_is_number(row[name]) for row in rows) else TEXT
            yield Source("place", name, kind, column=name, is_early=True)
    if "province_code" in header and "province" not in header:
        yield Source("place", "province", TEXT, column="province_name_en", is_early=True)


def seed_header(name: str) -> list[str]:
    """Columns of a seed, with rows or without."""
    with seed_path(name).open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file), [])


def _policies(supplied: Iterable[str]) -> Iterable[Source]:
    seeded = (row["policy_id"] for row in seed_rows("policy_pilots"))
    for policy in dict.fromkeys([*seeded, *supplied]):
        for ending, column in POLICY_DATES.items():
            yield Source("policy", f"{policy}_{ending}", YEAR, policy, column)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return not text
    return True
