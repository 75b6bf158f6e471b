"""A city-year panel of 0 and 1 as a list of pilots: each city from the first year with a 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.reading.remarks import is_note
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import CITY_NAME
from urban_resilience.intake.vocabulary.headers import year_in
from urban_resilience.shared.counting import count

CODE, YEAR, POLICY = "city_code", "year", "policy_id"
SHOWN = 5
PRODUCT = " x "
# Header of 0 and 1 whose years stood across.
MARK = "treated"
_DID, _TREATED = "did", re.compile(r"treat|处理组|实验组")
FEWEST_YEARS = 2
_YES, _NO = ("1", "1.0", "true", "yes", "是"), ("0", "0.0", "false", "no", "否")


@dataclass(frozen=True)
class _Dummy:
    """One column of 0 and 1 by city: year to value, and the row it stands in."""

    header: str
    at: int
    values: Mapping[str, Mapping[int, tuple[int, int]]]
    n_both: int

    @property
    def is_panel(self) -> bool:
        return any(len(years) > 1 for years in self.values.values())

    @property
    def is_constant_in_cities(self) -> bool:
        return all(len({v for v, _ in years.values()}) == 1 for years in self.values.values())

    @property
    def is_constant_in_years(self) -> bool:
        by_year: dict[int, set[int]] = {}
        for years in self.values.values():
            for year, (value, _) in years.items():
                by_year.setdefault(year, set()).add(value)
        return all(len(values) == 1 for values in by_year.values())


def read_dummies(
    grid: Grid,
    position: int,
    columns: Mapping[str, int],
    policy_named: Callable[[object], str],
    policy_told: str,
    asks: Callable[[object], bool] | None = None,
) -> list[tuple[str, Grid]]:
    """Turn dummies into lists of pilots, each city in the row of its first treated year.

    Parameters
    ----------
    grid, position, columns
        The sheet, its header row, and where its known columns stand.
    policy_named
        Policy that a header names, empty where it names none.
    policy_told
        Policy that the title, sheet or file names: that of a dummy whose header names none.
    asks
        Of a sheet that is a list of pilots: whether a header asks if a place is one. A 0 or 1
        beside the one year of a city then says whether it is a pilot at all.

    Returns
    -------
    list of tuple
        Each policy with its list; none where no dummy says from when a city is a pilot.
    """
    found = [
        dummy
        for at in range(len(grid.rows[position]))
        if at not in columns.values() and (dummy := _dummy(grid, position, columns, at))
    ]
    found = [d for d in found if d.is_panel or (asks is not None and asks(d.header))]
    named = {d.header: policy_named(d.header) for d in found}
    # A list of pilots alone may start them all at once; without the policy's name it is a period.
    dated = [
        d
        for d in found
        if (asks is not None and not d.is_panel)
        or (not d.is_constant_in_cities and (named[d.header] or not d.is_constant_in_years))
    ]
    product = None if dated else _product(found)
    if len(dated) == 1 and not named[dated[0].header]:
        product = _of_treated(found, dated[0])
    if product is not None:
        # Of two columns neither names cities and years; their product does.
        named[product.header] = next(
            (p for h in product.header.split(PRODUCT) if (p := policy_named(h))), ""
        )
        found = [product, *(d for d in found if d.header not in product.header.split(PRODUCT))]
        dated = [product]
    unnamed = [d for d in dated if not named[d.header]]
    # Beside `treat` and a `post` that differs between cities, it is their product.
    did = [d for d in unnamed if d.header.lower() == _DID]
    unnamed = did or unnamed
    if policy_told and len(unnamed) == 1:
        named[unnamed[0].header] = policy_told
    used = [d for d in dated if named[d.header]]
    policies = [named[d.header] for d in used]
    if not used or len(set(policies)) < len(policies):
        return []
    notes = [_set_aside(d, bool(did and policy_told)) for d in found if d not in used]
    known = {*columns.values(), *(d.at for d in found)}
    of_product = () if product is None else product.header.split(PRODUCT)
    others = [
        str(cell)
        for at, cell in enumerate(grid.rows[position])
        if is_text(cell) and at not in known and str(cell).strip() not in of_product
    ]
    if others:
        notes.append(f"no part of the list of pilots: {_listed(others)}")
    return [
        (policy, _as_list(grid, position, columns, dummy, policy, notes))
        for dummy, policy in zip(used, policies, strict=True)
    ]


def years_into_rows(
    grid: Grid, position: int, columns: Mapping[str, int]
) -> tuple[Grid, int, dict[str, int]] | None:
    """Put a table of 0 and 1 with the years across into rows; None where it is none.

    Returns
    -------
    tuple
        The sheet, the position of its header, and where its known columns stand.
    """
    header = grid.rows[position]
    years = {at: year for at, cell in enumerate(header) if (year := year_of(cell)) is not None}
    rows = [(n, row) for n, row in grid.filled_rows(position + 1) if not is_note(row)]
    cells = [row[at] for _, row in rows for at in years if at < len(row)]
    marks = {str(cell).strip().lower() for cell in cells if not is_missing(cell)}
    if len(years) < FEWEST_YEARS or not marks or not marks <= {*_YES, *_NO}:
        return None
    kept = sorted(columns.values())
    long = [
        (
            [row[k] if k < len(row) else None for k in kept]
            + [year, row[at] if at < len(row) else None],
            n,
        )
        for n, row in rows
        for at, year in years.items()
    ]
    top = [list(row) for row in grid.rows[:position]]
    names = [header[k] for k in kept]
    made = replace(
        grid, rows=[*top, [*names, YEAR, MARK], *(row for row, _ in long)], repeated=frozenset(),
        origins=(*(grid.row_number(n) for n in range(position + 1)),
                 *(grid.row_number(n) for _, n in long)),
        notes=(*grid.notes, f"0 and 1 of {count(len(years), 'year')} put into rows"),
    )  # fmt: skip
    known = {name: kept.index(at) for name, at in columns.items()}
    return made, position, {**known, YEAR: len(kept)}


def _as_list(
    grid: Grid,
    position: int,
    columns: Mapping[str, int],
    dummy: _Dummy,
    policy: str,
    notes: list[str],
) -> Grid:
    keep = [at for name, at in columns.items() if name not in (YEAR, POLICY)]
    rows: list[list[object]] = [[] for _ in grid.rows]
    rows[:position] = [list(row) for row in grid.rows[:position]]
    rows[position] = [grid.rows[position][at] for at in keep] + [YEAR, POLICY]
    starts = _starts(dummy)
    for row, year in starts.values():
        rows[row] = [_cell(grid, row, at) for at in keep] + [year, policy]
    said = _said(dummy, policy, starts)
    return replace(grid, rows=rows, notes=(*grid.notes, *notes, *said))


def _dummy(grid: Grid, position: int, columns: Mapping[str, int], at: int) -> _Dummy | None:
    header = _cell(grid, position, at)
    if not is_text(header):
        return None
    city_at = columns.get(CODE, columns.get(CITY_NAME, -1))
    values: dict[str, dict[int, tuple[int, int]]] = {}
    n_both = 0
    for row, _ in grid.filled_rows(position + 1):
        cell, city, year = (_cell(grid, row, n) for n in (at, city_at, columns[YEAR]))
        if is_missing(cell) or is_missing(city) or (when := year_in(str(year))) is None:
            continue
        text = str(cell).strip().lower()
        if text not in (*_YES, *_NO):
            return None
        value, known = int(text in _YES), values.setdefault(str(city).strip(), {})
        n_both += when in known and known[when][0] != value
        if when not in known or value > known[when][0]:
            known[when] = (value, row)
    has_any = any(value for years in values.values() for value, _ in years.values())
    return _Dummy(str(header).strip(), at, values, n_both) if has_any else None


def _product(dummies: list[_Dummy]) -> _Dummy | None:
    """Multiply the one column of treated cities by the one of treated years, if there are both."""
    cities = [d for d in dummies if d.is_constant_in_cities and not d.is_constant_in_years]
    years = [d for d in dummies if d.is_constant_in_years and not d.is_constant_in_cities]
    return _times(cities[0], years[0]) if len(cities) == len(years) == 1 else None


def _of_treated(dummies: list[_Dummy], after: _Dummy) -> _Dummy | None:
    """Multiply a `post` with years of its own for each city, controls too, by `treat`."""
    cities = [d for d in dummies if d.is_constant_in_cities and _TREATED.search(d.header.lower())]
    product = _times(cities[0], after) if len(cities) == 1 else None
    is_same = product is None or _starts(product).keys() == _starts(after).keys()
    return None if is_same else product


def _times(treated: _Dummy, after: _Dummy) -> _Dummy | None:
    values = {
        city: {
            year: (value * after.values[city][year][0], row)
            for year, (value, row) in by_year.items()
            if year in after.values.get(city, {})
        }
        for city, by_year in treated.values.items()
    }
    header = f"{treated.header}{PRODUCT}{after.header}"
    product = _Dummy(header, -1, values, treated.n_both + after.n_both)
    return product if any(v for years in values.values() for v, _ in years.values()) else None


def _starts(dummy: _Dummy) -> dict[str, tuple[int, int]]:
    """City to the row and year of its first 1."""
    starts = {}
    for city, years in dummy.values.items():
        ones = [(year, row) for year, (value, row) in sorted(years.items()) if value]
        if ones:
            starts[city] = (ones[0][1], ones[0][0])
    return starts


def _said(dummy: _Dummy, policy: str, starts: Mapping[str, tuple[int, int]]) -> list[str]:
    n_rows = sum(len(years) for years in dummy.values.values())
    said = [
        f"`{dummy.header}` is a dummy of {policy} in {count(n_rows, 'city-year')}: {len(starts)} "
        f"of {len(dummy.values)} cities have a 1, each in the first year with one"
    ]
    back = [
        city
        for city, (_, year) in starts.items()
        if any(value == 0 for when, (value, _) in dummy.values[city].items() if when > year)
    ]
    if back:
        said.append(
            f"`{dummy.header}` falls back to 0 in {_listed(back)}: the first year with 1 counts"
        )
    early = [city for city, (_, year) in starts.items() if year == min(dummy.values[city])]
    if early and dummy.is_panel:
        said.append(
            f"`{dummy.header}` is 1 from the first row of {_listed(early)}: the pilot may be older"
        )
    unsure = [
        city
        for city, (_, year) in starts.items()
        if city not in early and year - 1 not in dummy.values[city]
    ]
    if unsure:
        said.append(
            f"the year before the first 1 is missing for {_listed(unsure)}: the pilot may be older"
        )
    if dummy.n_both:
        said.append(f"{dummy.n_both} city-years hold both 0 and 1: the 1 counts")
    return said


def _set_aside(dummy: _Dummy, has_did: bool) -> str:
    if dummy.is_constant_in_cities:
        why = "it never changes within a city, so it says which cities and not since when"
    elif dummy.is_constant_in_years:
        why = "it is the same in every city, so it says when and not which cities"
    elif has_did:
        why = f"a column `{_DID}` dates the policy of the file"
    else:
        why = "neither its header nor the file names its policy"
    return f"`{dummy.header}` left out: {why}"


def _listed(names: list[str]) -> str:
    rest = f" and {len(names) - SHOWN} more" if names[SHOWN:] else ""
    return ", ".join(names[:SHOWN]) + rest


def _cell(grid: Grid, row: int, at: int) -> object:
    cells = grid.rows[row]
    return cells[at] if 0 <= at < len(cells) else None
