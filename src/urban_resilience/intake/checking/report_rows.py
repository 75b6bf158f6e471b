"""What a check says of cells and rows: unreadable, not used, matched in part, suspicious."""

from __future__ import annotations

from urban_resilience.intake.checking.suspicious import SuspiciousCell
from urban_resilience.intake.checking.text_table import paragraph
from urban_resilience.intake.checking.verdicts import RowGroup, Verdicts
from urban_resilience.intake.conversion.report import IntakeReport
from urban_resilience.shared.counting import count

SHOWN_CELLS = 10
SHOWN_GROUPS = 12


def unreadable_cells(report: IntakeReport) -> list[str]:
    """List the first cells that cannot be read."""
    if not report.n_unreadable:
        return []
    lines = [f"Unreadable cells: {report.n_unreadable:,}; their rows will be rejected"]
    for cell in report.unreadable[:SHOWN_CELLS]:
        place = f"{cell.source_file}, row {cell.source_row}, column `{cell.column_name}`"
        lines += paragraph(f"{place}: {cell.reason}")
    if report.n_unreadable > SHOWN_CELLS:
        lines.append(f"  and {report.n_unreadable - SHOWN_CELLS:,} more")
    return [*lines, ""]


def rows_not_used(verdicts: Verdicts) -> list[str]:
    """List the rows that a build would not use, by place and by rule."""
    lines: list[str] = []
    for outside, title in (
        (True, "Rows set aside, of places that are no city of the study or of no sector: {:,}"),
        (False, "Rows rejected: {:,}"),
    ):
        groups = verdicts.of(outside)
        if not groups:
            continue
        lines.append(title.format(sum(group.n_rows for group in groups)))
        for group in groups[:SHOWN_GROUPS]:
            start = "" if group.first_row is None else f", the first row {group.first_row}"
            rows = count(group.n_rows, "row")
            lines += paragraph(f"{group.source_file}, {rows}{start}: {_group_in_words(group)}")
        if groups[SHOWN_GROUPS:]:
            lines.append(f"  and {len(groups) - SHOWN_GROUPS:,} more places or reasons")
    return [*lines, ""] if lines else []


def _group_in_words(group: RowGroup) -> str:
    """Say what rows of one kind are: all in one paragraph, with the first examples."""
    more = group.n_examples - len(group.examples)
    if group.kind:
        listed = ", ".join(group.examples) + (f" and {more:,} more" if more else "")
        return f"{listed} ({group.kind})"
    # The reason names one of them itself.
    others = [e for e in group.examples if e and e.split()[0] not in group.reason]
    if not others:
        return group.reason
    return f"{group.reason} So too: {', '.join(others)}" + (f" and {more:,} more" if more else "")


def policies(verdicts: Verdicts) -> list[str]:
    """Say what a supplied list of pilots comes to."""
    lines = [line for item in verdicts.policies for line in paragraph(item.in_words())]
    return ["Policies of your list of pilots", *lines, ""] if lines else []


def matched_in_part(verdicts: Verdicts) -> list[str]:
    """List keys of which only some meet what they are joined with."""
    if not verdicts.partial:
        return []
    lines = ["Matched in part"]
    for finding in verdicts.partial[:SHOWN_GROUPS]:
        lines += paragraph(finding)
    if verdicts.partial[SHOWN_GROUPS:]:
        lines.append(f"  and {len(verdicts.partial) - SHOWN_GROUPS:,} more")
    return [*lines, ""]


def suspicious_cells(odd: list[SuspiciousCell]) -> list[str]:
    """List the cells farthest from the city's own years."""
    if not odd:
        return []
    slips = sum(cell.is_slip for cell in odd)
    lines = paragraph(
        f"Suspicious cells: {len(odd):,}, far from the city's own years before and after; "
        f"{slips:,} of them look like a slip of the unit, which a build blanks. The others are "
        "used until seeds/study/cell_decisions.csv says otherwise.",
        "",
    )
    for cell in odd[:SHOWN_CELLS]:
        place = f"{cell.city_code}, {cell.year}, `{cell.series}`"
        lines += paragraph(f"{place}: {_brief(cell.value)} is {_times(cell.times)} its neighbours")
    if odd[SHOWN_CELLS:]:
        lines.append(f"  and {len(odd) - SHOWN_CELLS:,} more")
    return [*lines, ""]


def _times(times: float) -> str:
    return f"{_brief(times)} times" if times >= 1 else f"1/{_brief(1 / times)} of"


def _brief(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
