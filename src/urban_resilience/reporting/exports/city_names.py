"""Names of cities beside their codes, in the files that people open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.reporting.dictionary import Column, Mart

CODE, NAMES = "city_code", ("city_name_en", "city_name_zh")
CITIES = "reference.dim_cities"
WHERE = " Only in CSV and Excel files."
WHERE_ZH = "仅在 CSV 与 Excel 文件中。"


def with_city_names(marts: Sequence[Mart]) -> list[Mart]:
    """Give the names of their cities to marts that have only the codes.

    Long marts hold a row for each cell, where names would be most of a warehouse that programs
    read; files are read by people. Seeds keep the columns that their folder has.
    """
    names = [
        column
        for mart in marts
        if mart.relation == CITIES
        for column in mart.columns
        if column.name in NAMES
    ]
    return [_named(mart, names) for mart in marts]


def _named(mart: Mart, names: Sequence[Column]) -> Mart:
    own = [column.name for column in mart.columns]
    if CODE not in own or not names or set(NAMES) & set(own) or not _is_made(mart.name):
        return mart
    place = own.index(CODE) + 1
    added = (
        replace(
            column,
            relation=mart.relation,
            text=(column.text + WHERE).strip(),
            text_zh=column.text_zh and column.text_zh + WHERE_ZH,
        )
        for column in names
    )
    columns = (*mart.columns[:place], *added, *mart.columns[place:])
    return replace(mart, columns=columns, names_from=CITIES)


def _is_made(name: str) -> bool:
    return name.startswith(("fct_", "rpt_"))
