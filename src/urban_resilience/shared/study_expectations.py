"""Which shipped expectations a study of one's own is judged by beside its own."""

from __future__ import annotations

import json
from collections.abc import Sequence

EXPECTATIONS = "data_expectations"
# Relations with a column per series, variable or place, and what stands in them in any study.
OF_A_STUDY = {
    "stg_yearbook__city_years": {"city_code", "year"},
    "int_panel_winsorized": {"city_code", "year"},
    "fct_city_years": {"city_code", "year"},
}
# Tables that a study has no file of are none of its concern.
NARROWED = {"yearbook_columns_have_values": "table_name = 'city_yearbook'"}
# How a code is written differs from country to country.
PATTERNS = "expect_column_values_to_match_regex"


def other_expectations(
    shipped: Sequence[dict[str, str]], own: Sequence[dict[str, str]]
) -> list[dict[str, str]]:
    """Shipped expectations that hold in any study, but for those that a study has its own row of.

    Bounds of a series are those of Chinese cities: a study says its own.

    Parameters
    ----------
    shipped, own
        Rows of ``data_expectations``; an own row replaces the shipped one of its id.
    """
    replaced = {row.get("expectation_id") for row in own}
    return [
        row | {"row_filter": NARROWED.get(row["expectation_id"], row["row_filter"])}
        for row in shipped
        if row["expectation_id"] not in replaced and _holds_anywhere(row)
    ]


def _holds_anywhere(row: dict[str, str]) -> bool:
    columns = OF_A_STUDY.get(row["relation"])
    if columns is None:
        return True
    if row["expectation"] == PATTERNS:
        return False
    arguments = json.loads(row["arguments"] or "{}")
    named = {arguments.get(name) for name in ("column", "column_A", "column_B")} - {None}
    named |= set(arguments.get("column_list", ()))
    return named <= columns
