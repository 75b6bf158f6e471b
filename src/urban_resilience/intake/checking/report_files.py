"""What a check says of the files of a folder, and of what the folder lacks."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from urban_resilience.intake.checking.derived import DerivedCells, in_words
from urban_resilience.intake.checking.text_table import paragraph
from urban_resilience.intake.conversion.report import IntakeReport, SourceReport
from urban_resilience.intake.recognition.match import Ignored
from urban_resilience.intake.recognition.sources import data_origin
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.counting import count

# Between that a header is unknown and what comes near to it.
NEAREST = "; nearest: "


def origin(report: IntakeReport) -> list[str]:
    """Say that data are simulated, where they are."""
    if data_origin(report.raw_dir) == "supplied":
        return []
    return ["SIMULATED DATA: every number below tests plumbing and proves nothing about the world."]


def files(report: IntakeReport) -> list[str]:
    """List the files that are recognized, and those that are not used."""
    lines = ["Recognized"]
    for name in contract():
        sources = [source for source in report.sources if source.table == name]
        # Sheets of one workbook are often alike: said once, and never left out.
        shown: dict[tuple[str, ...], str] = {}
        for source in sources:
            lines.append(_heading(source))
            details = tuple(_details(source))
            if details and details in shown:
                lines.append(f"    as {shown[details]}")
            else:
                lines += details
                shown[details] = source.source_file
    if len(lines) == 1:
        lines.append("  nothing")
    if report.unused:
        lines.append("Not used")
        for item in report.unused:
            lines += paragraph(f"{item.header}: {item.reason}")
    return [*lines, ""]


def _heading(source: SourceReport) -> str:
    form = ", ".join(
        part
        for part in (source.format, source.encoding, source.delimiter, source.layout)
        if part and part != "wide"
    )
    return (
        f"  {source.table} <- {source.source_file} ({form}; {count(source.rows_in, 'row')}; "
        f"by {source.recognized_by})"
    )


def _details(source: SourceReport) -> list[str]:
    lines = []
    renamed = [f"{header} = {column}" for header, column in source.columns if header != column]
    if renamed:
        lines += paragraph("columns: " + "; ".join(renamed), "    ")
    if source.notes:
        lines += paragraph("converted: " + "; ".join(source.notes), "    ")
    for doubt in source.doubts:
        lines += paragraph(f"to look at: {doubt}", "    ")
    for text in _ignored(source.ignored):
        lines += paragraph(f"ignored: {text}", "    ")
    return lines


def _ignored(items: Sequence[Ignored]) -> list[str]:
    """Say of headers why they are left out: those of one reason in one paragraph, none unnamed."""
    kinds: dict[str, list[str]] = {}
    for item in items:
        # What comes near to a header is its own; that it is unknown is not.
        reason, mark, near = item.reason.partition(NEAREST)
        header = f"{item.header} (nearest: {near})" if mark else item.header
        kinds.setdefault(reason, []).append(header)
    return [
        f"{', '.join(headers)}: {reason}"
        if len(headers) == 1
        else f"{count(len(headers), 'column')}, {reason}: {', '.join(headers)}"
        for reason, headers in kinds.items()
    ]


def missing(report: IntakeReport, derived: Collection[str]) -> list[str]:
    """List tables and columns that the folder lacks."""
    lines = [
        f"  {spec.name}: {'REQUIRED' if spec.is_required else 'optional'}"
        for spec in contract().values()
        if spec.name not in report.tables
    ]
    for name in report.tables:
        found = {
            column
            for source in report.sources
            if source.table == name
            for _, column in source.columns
        }
        found |= set(derived)
        absent = [
            column.name
            for column in contract()[name].columns
            if column.dimension and not column.is_auxiliary and column.name not in found
        ]
        if absent:
            lines += paragraph(f"columns of {name}: {', '.join(absent)}")
    return ["Missing", *(lines or ["  nothing"]), ""]


def derived_series(derived: DerivedCells) -> list[str]:
    """List what a build derives from other series."""
    lines = [line for item in in_words(derived) for line in paragraph(item)]
    return ["Derived from other series where a cell is empty", *lines, ""] if lines else []
