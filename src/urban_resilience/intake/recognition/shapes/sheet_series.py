"""The one series or city of a sheet, and its unit, where no column names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from urban_resilience.intake.cells.text import clean_header
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.recognition.shapes.naming import (
    FILE,
    FOLDER,
    city_named,
    series_named,
    series_of,
)
from urban_resilience.intake.vocabulary.aliases import nearest
from urban_resilience.intake.vocabulary.qualifiers import meanings
from urban_resilience.intake.vocabulary.units import is_unit, unit_key, units


def series_of_sheet(titles: Sequence[tuple[str, str]], corner: str, what: str) -> tuple[str, str]:
    """Return the name of the one series of a sheet, and where it was found.

    Parameters
    ----------
    titles
        Texts that may name it, each with where it stands.
    corner
        The header of the column of keys, which may be that of the figures.
    what
        What the sheet looks like, for a refusal.

    Raises
    ------
    Misfit
        Where nothing names it, or two places name different ones.
    """
    named = [(corner, "the header of the cities"), *titles]
    found = [(series, place) for text, place in named if text and (series := series_named(text))]
    if not found:
        texts = [text for text, _ in named if text]
        close = dict.fromkeys(hit for text in texts for hit in nearest(YEARBOOK, text))
        hint = f"; nearest: {', '.join(list(close)[:3])}" if close else ""
        said = ", ".join(f"`{clean_header(text)}`" for text in texts[-2:])
        other = [(text, meanings(text)) for text in texts if meanings(text)]
        if other:
            text, words = other[0]
            makes = f"`{clean_header(text)}` is another series: {', '.join(sorted(words))}"
            raise Misfit(f"{what}, and {makes}; only series of the contract are read")
        raise Misfit(
            f"{what}, but no title, sheet or file name is a known series ({said}"
            f"{hint}): name the file after it, such as 地区生产总值(亿元).csv"
        )
    inside = nearest_to_the_figures(found)
    columns_named = {series_of(series): place for series, place in inside}
    if len(columns_named) > 1:
        said = " and ".join(f"`{column}` ({place})" for column, place in columns_named.items())
        raise Misfit(f"{what}, and it is named after two series: {said}")
    return inside[0]


def nearest_to_the_figures(found: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Leave names of the file and its folders out where the sheet itself is named.

    A workbook may be called after one of its sheets, a folder after one of its files.
    """
    for outer in ((FILE, FOLDER), (FOLDER,)):
        inside = [hit for hit in found if hit[1] not in outer]
        if inside:
            return inside
    return found


def city_of_sheet(titles: Sequence[tuple[str, str]], what: str) -> tuple[str, str]:
    """Return the one city that a sheet is named after, and where.

    Raises
    ------
    Misfit
        Where nothing names one, or two places name different ones.
    """
    found = [(city, place) for text, place in titles if (city := city_named(text))]
    if not found:
        raise Misfit(
            f"{what}, but neither a title nor the sheet nor the file is named after one city: "
            "name the file after it, such as 石家庄市.csv"
        )
    inside = nearest_to_the_figures(found)
    if len({city.removesuffix("市") for city, _ in inside}) > 1:
        named = " and ".join(f"`{city}` ({place})" for city, place in inside)
        raise Misfit(f"{what}, and it is named after two cities: {named}")
    return inside[0]


def unit_of_sheet(grid: Grid, top: int, name: str, above: Iterable[str]) -> str:
    """Return a unit that stands alone in a title or in the header of the keys.

    One that a title row states (单位：亿元) is found when the sheet is recognized.

    Raises
    ------
    Misfit
        Where the name of the series states another unit than a title row.
    """
    stated = _stated(grid, top)
    if parse(name).unit:
        return _same(parse(name).unit, stated)
    for text in filter(None, above):
        if is_unit(text) or parse(text).unit:
            return unit_key(text) if is_unit(text) else parse(text).unit
    for cells in grid.rows[:top]:
        for cell in cells:
            if is_text(cell) and ":" not in clean_header(cell) and is_unit(cell):
                return clean_header(cell).strip("() ")
    return ""


def _stated(grid: Grid, top: int) -> list[str]:
    """Units that rows above the header state: `单位：亿元`."""
    texts = (clean_header(cell) for row in grid.rows[:top] for cell in row if is_text(cell))
    tails = (text.split(":")[-1] for text in texts if re.search(r"(?:单位|units?):", text))
    return [tail.strip("() ") for tail in tails if is_unit(tail)]


def _same(unit: str, stated: Iterable[str]) -> str:
    for other in stated:
        for by_key in units().values():
            own, said = by_key.get(unit_key(unit)), by_key.get(unit_key(other))
            if own and said and own.factor != said.factor:
                raise Misfit(f"its figures are in `{unit}` by its name and in `{other}` by a title")
    return ""
