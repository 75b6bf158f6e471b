"""Records of pairs of sectors, a row each: as OECD.Stat exports them, or as people keep them.

They become two tables, of flows and of gross output, as a matrix does. Records in the columns of
the contract that need nothing stay as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from urban_resilience.intake.cells.numbers import IDENTITY, Unreadable, to_integer, to_text
from urban_resilience.intake.cells.text import key
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, claimed_table, parse
from urban_resilience.intake.recognition.shapes.io_money import (
    USD,
    Money,
    money_in,
    money_of,
    money_of_codes,
)
from urban_resilience.intake.recognition.shapes.io_tables import Figure, output_from, tables_of
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.intake.vocabulary.headers import Header
from urban_resilience.intake.vocabulary.sectors import (
    ALL,
    DOMESTIC,
    IMPORTED,
    OUTPUT,
    SECTOR,
    is_plain_code,
    is_rev_3,
    kind_of,
    part_of,
)
from urban_resilience.shared.counting import count

FEWEST_YEARS = 2
TABLES = ("input_output_flows", "industry_output")
CHINA = frozenset(
    map(key, ("chn", "china", "China (People's Republic of)", "People's Republic of China", "中国"))
)
# Column of an export to the headers that it may have, the code before the label of it.
_NAMES = {
    "row": (
        "row",
        "from sector",
        "from: (sector in row)",
        "from",
        "supplying sector",
        "row code",
        "activity_from",
        "activity from",
        "row activity",
        "row_sector",
        "supplying",
        "supplying industry",
    ),
    "column": (
        "col",
        "column",
        "to sector",
        "to: (sector in column)",
        "to",
        "column code",
        "activity_to",
        "activity to",
        "column activity",
        "col_sector",
        "column_sector",
        "using",
        "using industry",
    ),
    "year": ("time", "time_period", "year", "time period"),
    "value": ("value", "obs_value", "obsvalue"),
    "country": ("cou", "country", "location", "ref_area", "reference area"),
    "part": ("var", "variable", "measure", "indicator"),
    "unit": ("unit code", "unit", "unit_measure", "unit of measure", "currency"),
    "power": ("powercode code", "powercode", "unit_mult", "unit multiplier"),
}
_PARTS = {
    "ttl": ALL, "total": ALL, "dom": DOMESTIC, "domestic": DOMESTIC, "imp": IMPORTED,
    "import": IMPORTED, "imports": IMPORTED, "imported": IMPORTED, "domimp": ALL,
}  # fmt: skip


def io_records(grid: Grid) -> list[Grid] | None:
    """Turn records of pairs of sectors into a table of flows and one of output.

    Raises
    ------
    Misfit
        Where the records are of no known unit, of no year, or of one part of the inputs.
    """
    exported = _find_export(grid)
    if exported is not None:
        return _of_export(grid, *exported)
    plain = _find_plain(grid)
    if plain is None:
        return _of_years_across(grid)
    return _of_plain(grid, plain)


def _find_export(grid: Grid) -> tuple[int, dict[str, int]] | None:
    """Header row and columns of an export, None where the sheet is none."""
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS:
            return None
        named = {key(cell): at for at, cell in reversed([*enumerate(cells)]) if is_text(cell)}
        found = {
            what: at
            for what, names in _NAMES.items()
            if (at := next((named[key(n)] for n in names if key(n) in named), None)) is not None
        }
        if {"row", "column", "value"} <= set(found):
            return position, found
    return None


def _of_export(grid: Grid, header: int, at: Mapping[str, int]) -> list[Grid]:
    if "year" not in at:
        raise Misfit("records of ROW, COL and Value without a column Time: export it too")
    places = list(grid.filled_rows(header + 1))
    money = _one_money(grid, header, places, at)
    flows: list[Figure] = []
    outputs: list[Figure] = []
    skipped: Counter[str] = Counter()
    rows_seen: dict[str, str] = {}
    for position, cells in places:
        country = key(_cell(cells, at.get("country")) or "")
        if country and country not in CHINA:
            skipped[f"country {country}"] += 1
            continue
        supplier, user = (str(_cell(cells, at[n]) or "").strip() for n in ("row", "column"))
        part = _part(cells, at, supplier)
        row = grid.row_number(position)
        kinds = _kind(supplier), _kind(user)
        rows_seen[supplier] = kinds[0]
        value = _cell(cells, at["value"])
        if kinds == (SECTOR, SECTOR):
            year = _year(_cell(cells, at["year"]), row)
            flows.append(Figure(year, supplier, user, value, row, part))
        elif kinds == (OUTPUT, SECTOR):
            outputs.append(Figure(_year(_cell(cells, at["year"]), row), "", user, value, row))
        else:
            odd = supplier if kinds[0] not in (SECTOR, OUTPUT) else user
            skipped[f"{kind_of(odd) or 'unknown'} {odd}"] += 1
    if not flows or not outputs:
        raise Misfit(f"records of sectors {_lacking(flows, skipped, rows_seen)}")
    left = ", ".join(f"{what} ({count:,})" for what, count in skipped.items())
    notes = [f"records left out, no flow or output of China: {left}"] if left else []
    used = set(at.values())
    unused = [
        (str(cell), "no part of a table of sectors")
        for n, cell in enumerate(grid.rows[header])
        if is_text(cell) and n not in used
    ]
    return tables_of(grid, header, flows, outputs, money, notes, unused)


def _lacking(
    flows: Sequence[Figure], skipped: Mapping[str, int], rows_seen: Mapping[str, str]
) -> str:
    """Say what records lack to be a table, by what they hold."""
    if not rows_seen:
        countries = [what.removeprefix("country ") for what in skipped]
        return f"of {', '.join(countries[:3])} and none of China (CHN): export CHN"
    if not flows:
        return (
            f"without flows: of the rows only {', '.join([*rows_seen][:5])}; export TTL_ rows too"
        )
    others = [row for row, kind in rows_seen.items() if kind != SECTOR]
    return f"without gross output: export ROW OUTPUT too{output_from(others)}"


def _one_money(
    grid: Grid,
    header: int,
    places: Sequence[tuple[int, Sequence[object]]],
    at: Mapping[str, int],
) -> Money:
    stated = {
        tuple(to_text(_cell(cells, at.get(name))) or "" for name in ("unit", "power"))
        for _, cells in places
    }
    if stated == {("", "")}:
        titles = [str(cell) for row in grid.rows[:header] for cell in row if is_text(cell)]
        headers = [str(cell) for cell in grid.rows[header] if is_text(cell)]
        found = money_in([*titles, *headers])
        return found or Money(USD, IDENTITY, "as OECD publishes it")
    found_money = [money_of_codes(unit, power) for unit, power in sorted(stated)]
    if len({(money.currency, money.conversion) for money in found_money}) > 1:
        said = " and ".join(money.said for money in found_money[:3])
        raise Misfit(f"records of sectors in several units, {said}: export them in one")
    return found_money[0]


def _part(cells: Sequence[object], at: Mapping[str, int], supplier: str) -> str:
    word = to_text(_cell(cells, at.get("part"))) or ""
    part = _PARTS.get(key(word), "") if word else ALL
    if not part and _kind(supplier) in (SECTOR, OUTPUT):
        raise Misfit(
            f"records of sectors with `{word}` in a column that tells them apart: export the total "
            "of inputs (TTL) alone"
        )
    return part_of(supplier) or part or ALL


@dataclass(frozen=True)
class _Plain:
    """Columns of records in the words of the contract: ``supplier`` is None for gross output."""

    header: int
    year: int
    supplier: int | None
    user: int
    value: int
    others: tuple[tuple[str, str], ...]
    value_header: Header


def _find_plain(grid: Grid) -> _Plain | None:
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        headers = {at: parse(cell) for at, cell in enumerate(cells) if is_text(cell)}
        for table in TABLES:
            at = {
                alias.column: n
                for n, header in reversed(headers.items())
                if (alias := find_alias(table, header)) is not None
            }
            names = ("supplying_sector", "using_sector", "value_million_usd")
            if table == TABLES[1]:
                names = ("", "sector", "gross_output_million_usd")
            if not {"year", *filter(None, names)} <= set(at):
                continue
            supplier, user, value = (at.get(name) for name in names)
            used = {at["year"], supplier, user, value}
            others = tuple(
                (header.text, "no part of a table of sectors")
                for n, header in headers.items()
                if n not in used
            )
            assert user is not None and value is not None
            return _Plain(position, at["year"], supplier, user, value, others, headers[value])
    return None


def _of_plain(grid: Grid, plain: _Plain) -> list[Grid] | None:
    """Bring records in yuan, with names or with sectors of another edition, into our form."""
    places = list(grid.filled_rows(plain.header + 1))
    columns = [at for at in (plain.supplier, plain.user) if at is not None]
    # A table of sectors has thousands of cells and few sectors.
    written = {_cell(cells, at) for _, cells in places for at in columns}
    labels = {to_text(cell) or "" for cell in written} - {""}
    titles = [str(cell) for row in grid.rows[: plain.header] for cell in row if is_text(cell)]
    unit = plain.value_header.unit
    money = money_of(unit, f"`{unit}`") if unit else money_in(titles)
    is_yuan = money is not None and money.currency != USD
    odd = [label for label in labels if not is_plain_code(label) or part_of(label) in _PARTED]
    readable = [label for label in odd if _kind(label)]
    if not is_yuan and not readable:
        return None
    unknown = sorted(set(odd) - set(readable))
    if unknown:
        named = ", ".join(f"`{label}`" for label in unknown[:5])
        raise Misfit(f"unknown sectors in it: {named}; correct them, or add them to sector_parts")
    flows: list[Figure] = []
    outputs: list[Figure] = []
    skipped: Counter[str] = Counter()
    for position, cells in places:
        row, user = grid.row_number(position), to_text(_cell(cells, plain.user)) or ""
        supplier = to_text(_cell(cells, plain.supplier)) or ""
        pair = [user] if plain.supplier is None else [supplier, user]
        not_sectors = [label for label in pair if _kind(label) != SECTOR]
        if not_sectors:
            skipped[f"{kind_of(not_sectors[0])} {not_sectors[0]}"] += 1
            continue
        year = _year(_cell(cells, plain.year), row)
        value = _cell(cells, plain.value)
        if plain.supplier is None:
            outputs.append(Figure(year, "", user, value, row))
        else:
            flows.append(Figure(year, supplier, user, value, row, part_of(supplier) or ALL))
    left = ", ".join(f"{what} ({count:,})" for what, count in skipped.items())
    notes = [f"records left out, no sector: {left}"] if left else []
    money = money or Money(USD, IDENTITY, "no unit given")
    return tables_of(grid, plain.header, flows, outputs, money, notes, plain.others)


def _of_years_across(grid: Grid) -> list[Grid] | None:
    """Read gross output by sector with the years across."""
    if claimed_table(grid.source)[0] != TABLES[1]:
        return None
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        years = {at: year for at, cell in enumerate(cells) if (year := year_of(cell)) is not None}
        rows = list(grid.filled_rows(position + 1))
        labels = {n: to_text(_cell(row, 0)) or "" for n, row in rows}
        if len(years) < FEWEST_YEARS or not any(
            _kind(label) == SECTOR for label in labels.values()
        ):
            continue
        unknown = [label for label in labels.values() if label and not _kind(label)]
        outputs = [
            Figure(year, "", labels[n], _cell(row, at), grid.row_number(n))
            for n, row in rows
            if _kind(labels[n]) == SECTOR
            for at, year in years.items()
        ]
        texts = [str(cell) for row in grid.rows[: position + 1] for cell in row if is_text(cell)]
        money = money_in([grid.source.rsplit("/", 1)[-1].rsplit(".", 1)[0], *texts])
        left_out = [(label, "no known sector") for label in dict.fromkeys(unknown)]
        note = f"years across put into rows: gross output of {count(len(years), 'year')}"
        money = money or Money(USD, IDENTITY, "no unit given, as OECD publishes it")
        return tables_of(grid, position, [], outputs, money, [note], left_out)
    return None


_PARTED = (DOMESTIC, IMPORTED)


def _kind(label: str) -> str:
    return SECTOR if is_rev_3(label) else kind_of(label)


def _cell(cells: Sequence[object], at: int | None) -> object:
    cell = None if at is None or at >= len(cells) else cells[at]
    return None if is_blank(cell) else cell


def _year(cell: object, row: int) -> int:
    try:
        year = to_integer(cell)
    except Unreadable:
        year = None
    if year is None:
        raise Misfit(f"row {row}: `{cell}` is no year of a table of sectors")
    return year
