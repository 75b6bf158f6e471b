"""What a check says of the study: how full its series are, and which tables they support."""

from __future__ import annotations

from urban_resilience.intake.checking.coverage import Coverage
from urban_resilience.intake.checking.support import TableSupport
from urban_resilience.intake.checking.text_table import paragraph, table
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.counting import count


def coverage_table(coverage: Coverage) -> list[str]:
    """Return the share of cities with a figure, by series and year."""
    header = ["% of cities", *(f"{year % 100:02d}" for year in coverage.years)]
    rows = []
    present = {name: shares for name, shares in coverage.shares.items() if any(shares)}
    absent = len(coverage.shares) - len(present)
    for series, shares in present.items():
        cells = ["." if share == 0 else f"{100 * share:.0f}" for share in shares]
        rows.append([_label(series), *cells])
    span = f"{coverage.years[0]} to {coverage.years[-1]}" if coverage.years else "no year"
    title = f"Coverage of city_yearbook: {count(coverage.n_cities, 'city', 'cities')}, {span}"
    lines = [title, *(f"  {line}" for line in table(header, rows, 1))] if rows else [title]
    # Which they are stands under what is missing.
    lines += [f"  {absent} other series have no figure"] if absent else []
    return [*lines, ""]


def _label(series: str) -> str:
    return f"{series} {contract()['city_yearbook'].column(series).name_zh}"


def supported_tables(support: list[TableSupport], limit: float) -> list[str]:
    """Say of each table of the study whether the folder supports it."""
    lines = [f"Tables of the study (an input counts from {limit:.0%} of city-years on)"]
    # What everything lacks is said once.
    short = [set(item.lacking) for item in support if item.lacking]
    shared = set.intersection(*short) if len(short) > 1 else set()
    if shared:
        listed = ", ".join(name for name in _lacking(support) if name in shared)
        lines += paragraph(f"lacking wherever anything is: {listed}")
    for item in support:
        if item.n_supported == item.n_specs:
            status = "yes" if not item.left_out else "yes, with fewer indicators"
        elif item.n_supported:
            status = f"{item.n_supported} of {item.n_specs} regressions"
        else:
            status = "no"
        own = [name for name in item.lacking if name not in shared]
        besides = " besides" if shared else ""
        lack = f"; lacking{besides}: {', '.join(own)}" if own else ""
        lines += paragraph(f"{item.table_id:<16} {status}{lack}")
    left_out = dict.fromkeys(name for item in support for name in item.left_out)
    if left_out:
        lines += paragraph(f"indicators left out of their indices: {', '.join(left_out)}")
    return [*lines, ""]


def _lacking(support: list[TableSupport]) -> list[str]:
    return list(dict.fromkeys(name for item in support for name in item.lacking))
