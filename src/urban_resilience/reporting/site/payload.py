"""Data of the pages as scripts that set a global: a page opened from disk may fetch nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

# Of a double: more than a picture shows, and enough to hold the page against the warehouse.
SIGNIFICANT = 7


def script(name: str, value: object) -> str:
    """Return JavaScript that sets ``SITE.name``.

    Parameters
    ----------
    name
        An identifier.
    value
        Anything JSON has.
    """
    text = json.dumps(shortened(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # U+2028 and U+2029 end a line in older JavaScript, `</` would end a script within a page.
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("</", "<\\/")
    return f"window.SITE=window.SITE||{{}};SITE.{name}={text};\n"


def shortened(value: object) -> object:
    """Round doubles to the digits that travel."""
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT}g}")
    if isinstance(value, dict):
        return {str(key): shortened(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shortened(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)


def grid(
    cells: Iterable[tuple[str, int, object]], cities: Sequence[str], years: Sequence[int]
) -> list[object]:
    """Lay (city, year, value) out flat, city by city, None where there is none.

    Parameters
    ----------
    cells
        At most one for each city and year; others than those asked for are passed over.
    cities, years
        Order of the result.

    Returns
    -------
    list
        Of length ``len(cities) * len(years)``; cell (i, t) at ``i * len(years) + t``.
    """
    row = {city: place for place, city in enumerate(cities)}
    column = {year: place for place, year in enumerate(years)}
    laid: list[object] = [None] * (len(cities) * len(years))
    for city, year, value in cells:
        if city in row and year in column:
            laid[row[city] * len(years) + column[year]] = value
    return laid
