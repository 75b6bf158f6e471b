"""Flows and gross output, however they were found, as the two tables of the contract.

A sector of the file that covers several of the study is parted evenly, its deliveries to itself
among its own parts only: then every part has the coefficients of the whole. Several that one sector
of the study covers are added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from urban_resilience.intake.cells.numbers import (
    Conversion,
    Unreadable,
    decimal_text,
    is_missing,
    to_double,
)
from urban_resilience.intake.reading.grid import Grid, is_blank
from urban_resilience.intake.recognition.shapes.io_money import Money
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.vocabulary.sectors import (
    ALL,
    DOMESTIC,
    IMPORTED,
    VALUE_ADDED,
    all_sectors,
    is_plain_code,
    is_rev_3,
    kind_of,
    sectors_of,
)
from urban_resilience.shared.counting import count

FLOWS = ("year", "supplying_sector", "using_sector", "value_million_usd")
OUTPUTS = ("year", "sector", "gross_output_million_usd")
SHOWN = 4
# A table of fewer sectors is an extract, and says nothing by what it lacks.
WHOLE_TABLE = 20


@dataclass(frozen=True)
class Figure:
    """One figure of a table: a flow from ``supplier`` to ``user``, or output of ``user``.

    ``row`` is its row of the file; ``part`` says whether it is of all inputs, of domestic or of
    imported ones.
    """

    year: int
    supplier: str
    user: str
    cell: object
    row: int
    part: str = ALL


def refuse_rev_3(labels: Iterable[str]) -> None:
    """Refuse codes of ISIC Rev.3, which mean other sectors in Rev.4.

    Raises
    ------
    Misfit
        With what to do instead.
    """
    old = next((label for label in labels if is_rev_3(label)), None)
    if old is not None:
        raise Misfit(
            f"`{old}` is a sector of ISIC Rev.3 (OECD editions before 2018), whose codes mean "
            "other sectors in Rev.4 and which has no sector of information services: download an "
            "edition from 2018 on, which holds the same years"
        )


def output_from(rows: Sequence[str]) -> str:
    """Say how the output that a table lacks comes of the other rows that it has.

    It is not added up here: rows of one name hold other things in other editions.
    """
    if VALUE_ADDED not in map(kind_of, rows):
        return ""
    return (
        f" (it has {', '.join(rows[:SHOWN])}: output is all intermediate inputs at purchasers' "
        "prices and value added, if you add them up yourself)"
    )


def choose_part(flows: Sequence[Figure]) -> tuple[list[Figure], str]:
    """Keep the flows of all inputs, or add domestic and imported ones up; say which.

    Flows of one part only are kept as they are: the other part may be in another file.
    """
    parts = {flow.part for flow in flows}
    if ALL in parts:
        kept = [flow for flow in flows if flow.part == ALL]
        dropped = len(flows) - len(kept)
        said = f"{count(dropped, 'domestic or imported flow')} beside those of all inputs left out"
        return kept, said if dropped else ""
    if parts == {DOMESTIC, IMPORTED}:
        return list(flows), "domestic and imported inputs added up"
    return list(flows), f"{parts.pop()} inputs only"


def tables_of(
    grid: Grid,
    header: int,
    flows: Sequence[Figure],
    outputs: Sequence[Figure],
    money: Money,
    notes: Sequence[str] = (),
    left_out: Sequence[tuple[str, str]] = (),
) -> list[Grid]:
    """Return the tables that there are figures for, of flows first.

    Raises
    ------
    Misfit
        Where a figure that must be converted or added up is none.
    """
    refuse_rev_3(dict.fromkeys(f.user for f in (*flows, *outputs)))
    flows, part_said = choose_part(flows) if flows else ([], "")
    parts = {flow.part for flow in flows}
    part = parts.pop() if len(parts) == 1 and ALL not in parts else ""
    labels = dict.fromkeys(label for f in (*flows, *outputs) for label in (f.supplier, f.user))
    parted = {label: found for label in labels if len(found := sectors_of(label)) > 1}
    lacking = _lacking({code for f in (*flows, *outputs) for code in sectors_of(f.user)})
    said = [*grid.notes, *notes, *filter(None, (part_said, money.note, lacking))]
    said += _parted_in_words(parted)
    tables = []
    for columns, figures in ((FLOWS, flows), (OUTPUTS, outputs)):
        if not figures:
            continue
        rows, origins = _rows(figures, money.conversion, columns == OUTPUTS)
        tables.append(
            replace(
                grid, rows=[list(columns), *rows], origins=(grid.row_number(header), *origins),
                repeated=frozenset(), notes=tuple(said), left_out=(*grid.left_out, *left_out),
                has_header_first=True, currency=money.currency,
                part=part if columns == FLOWS else "",
            )
        )  # fmt: skip
    return tables


def _lacking(covered: set[str]) -> str:
    lacking = sorted(all_sectors() - covered)
    if len(covered) < WHOLE_TABLE or not lacking:
        return ""
    return f"sectors that the table has no figures of: {', '.join(lacking)}"


def _parted_in_words(parted: dict[str, tuple[str, ...]]) -> list[str]:
    if not parted:
        return []
    shown = "; ".join(f"{label}: {', '.join(codes)}" for label, codes in [*parted.items()][:SHOWN])
    more = f"; and {len(parted) - SHOWN} more" if len(parted) > SHOWN else ""
    return [f"parted evenly, so that each part has the coefficients of the whole: {shown}{more}"]


def _rows(
    figures: Sequence[Figure], conversion: Conversion, is_output: bool
) -> tuple[list[list[object]], list[int]]:
    """Rows of a table, as they stand where nothing is to be converted, parted or added up."""
    by_key: dict[tuple[int, str, str], list[tuple[Figure, Fraction]]] = {}
    for figure in figures:
        for supplier, user, share in _shares(figure, is_output):
            by_key.setdefault((figure.year, supplier, user), []).append((figure, share))
    rows, origins = [], []
    for (year, supplier, user), found in by_key.items():
        labels = [year, user] if is_output else [year, supplier, user]
        is_repeated = len({(f.supplier, f.user, f.part, f.year) for f, _ in found}) < len(found)
        if is_repeated:
            # The same figure twice is for the rules on rows to judge.
            for figure, share in found:
                rows.append([*labels, _sum([(figure, share)], conversion)])
                origins.append(figure.row)
            continue
        rows.append([*labels, _sum(found, conversion)])
        origins.append(found[0][0].row)
    return rows, origins


def _shares(figure: Figure, is_output: bool) -> list[tuple[str, str, Fraction]]:
    """Supplier, user and share of the figure of each pair of sectors that it covers."""
    users = _labels(figure.user)
    if is_output:
        return [("", user, Fraction(1, len(users))) for user in users]
    suppliers = _labels(figure.supplier)
    if suppliers == users and len(users) > 1:
        return [(user, user, Fraction(1, len(users))) for user in users]
    share = Fraction(1, len(users) * len(suppliers))
    return [(supplier, user, share) for supplier in suppliers for user in users]


def _labels(label: str) -> tuple[str, ...]:
    """Codes of the study; one that the warehouse reads keeps its spelling."""
    covered = sectors_of(label)
    if len(covered) == 1 and is_plain_code(label) and not label.upper().startswith(("DOM", "IMP")):
        return (label,)
    return covered


def _sum(found: Sequence[tuple[Figure, Fraction]], conversion: Conversion) -> object:
    if len(found) == 1 and found[0][1] == 1:
        cell = found[0][0].cell
        if conversion.is_identity:
            return None if is_blank(cell) else cell
        return _converted(found[0][0], conversion)
    values = [
        (Fraction(_decimal(figure)) * share)
        for figure, share in found
        if not is_missing(figure.cell)
    ]
    return float(sum(values) * conversion.factor) if values else None


def _converted(figure: Figure, conversion: Conversion) -> float | None:
    try:
        return to_double(figure.cell, conversion)
    except Unreadable as fault:
        raise _misfit(figure, fault) from None


def _decimal(figure: Figure) -> str:
    try:
        return decimal_text(figure.cell)
    except Unreadable as fault:
        raise _misfit(figure, fault) from None


def _misfit(figure: Figure, fault: Unreadable) -> Misfit:
    pair = f"{figure.supplier} to {figure.user}" if figure.supplier else figure.user
    return Misfit(f"row {figure.row}, {pair}: `{figure.cell}` {fault}")
