"""``make check-data``: what a folder holds and what can be built from it, without building."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from urban_resilience.intake.checking.coverage import Coverage, study_settings, yearbook_coverage
from urban_resilience.intake.checking.derived import DerivedCells, derived_cells, in_words
from urban_resilience.intake.checking.gate import jump_problems
from urban_resilience.intake.checking.mapping_draft import write_mapping
from urban_resilience.intake.checking.support import TableSupport, table_support
from urban_resilience.intake.checking.suspicious import SuspiciousCell, find_suspicious
from urban_resilience.intake.checking.text_table import paragraph, table
from urban_resilience.intake.checking.verdicts import NO_VERDICTS, RowGroup, Verdicts, judge_rows
from urban_resilience.intake.conversion.report import IntakeReport, SourceReport
from urban_resilience.intake.prepare import inspect
from urban_resilience.intake.recognition.match import Ignored
from urban_resilience.intake.recognition.sources import data_origin
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.problems import IntakeError, Problem

LINE = "-" * 78
SHOWN_CELLS = 10
NOTHING_DERIVED = DerivedCells()
SHOWN_GROUPS = 12
# Between that a header is unknown and what comes near to it.
NEAREST = "; nearest: "


def check(
    raw_dir: Path, of_study: Sequence[Problem] = (), draft_mapping: bool = False
) -> tuple[str, bool]:
    """Report on a folder.

    Parameters
    ----------
    raw_dir
        The folder.
    of_study
        What is wrong with the study's own rows: they stop a build like the folder's faults.
    draft_mapping
        Whether to draft ``columns.csv`` in the folder.

    Returns
    -------
    tuple of (str, bool)
        The report in plain text, and whether a build can start.
    """
    with tempfile.TemporaryDirectory(prefix="urban_resilience_check_") as folder:
        try:
            report = inspect(raw_dir, Path(folder) / "prepared")
        except IntakeError as error:
            return str(error), False
        written = [f"Written    {write_mapping(report)}"] if draft_mapping else []
        settings = study_settings()
        accepted = report.out_dir / "accepted"
        # What could be read is judged whatever else is wrong: all faults at once.
        read = [t for t in report.tables if (report.out_dir / f"{t}.parquet").exists()]
        # The rules hold rows against those of the tables that no build can do without.
        can_judge = all(table.name in read for table in contract().values() if table.is_required)
        verdicts = (
            judge_rows(report.out_dir, read, accepted, is_whole=not report.problems)
            if can_judge
            else NO_VERDICTS
        )
        derived = NOTHING_DERIVED if report.problems else derived_cells(accepted)
        coverage = yearbook_coverage(accepted, derived.by_series)
        support = table_support(report.tables, coverage, settings)
        odd = [] if coverage is None else find_suspicious(accepted)
    jumps = [] if coverage is None else jump_problems(odd, coverage.n_values())
    problems = [*of_study, *report.problems, *verdicts.problems, *jumps]
    parts = [
        [LINE, f"Folder     {raw_dir}", *written, *_origin(report), LINE],
        _files(report),
        _missing(report, {series for series, _ in derived.by_series}),
        _derived(derived),
        _cells(report),
        _rows(verdicts),
        _policies(verdicts),
        _partial(verdicts),
        _suspicious(odd),
        [] if coverage is None else _coverage(coverage),
        [] if coverage is None else _support(support, settings.min_coverage),
        _verdict(problems),
    ]
    return "\n".join(line for part in parts for line in part), not problems


def _origin(report: IntakeReport) -> list[str]:
    if data_origin(report.raw_dir) == "supplied":
        return []
    return ["SIMULATED DATA: every number below tests plumbing and proves nothing about the world."]


def _files(report: IntakeReport) -> list[str]:
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
        f"  {source.table} <- {source.source_file} ({form}; {source.rows_in:,} rows; "
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
        else f"{len(headers)} columns, {reason}: {', '.join(headers)}"
        for reason, headers in kinds.items()
    ]


def _missing(report: IntakeReport, derived: Collection[str]) -> list[str]:
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


def _derived(derived: DerivedCells) -> list[str]:
    lines = [line for item in in_words(derived) for line in paragraph(item)]
    return ["Derived from other series where a cell is empty", *lines, ""] if lines else []


def _cells(report: IntakeReport) -> list[str]:
    if not report.n_unreadable:
        return []
    lines = [f"Unreadable cells: {report.n_unreadable:,}; their rows will be rejected"]
    for cell in report.unreadable[:SHOWN_CELLS]:
        place = f"{cell.source_file}, row {cell.source_row}, column `{cell.column_name}`"
        lines += paragraph(f"{place}: {cell.reason}")
    if report.n_unreadable > SHOWN_CELLS:
        lines.append(f"  and {report.n_unreadable - SHOWN_CELLS:,} more")
    return [*lines, ""]


def _rows(verdicts: Verdicts) -> list[str]:
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
            rows = "1 row" if group.n_rows == 1 else f"{group.n_rows:,} rows"
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


def _policies(verdicts: Verdicts) -> list[str]:
    lines = [line for item in verdicts.policies for line in paragraph(item.in_words())]
    return ["Policies of your list of pilots", *lines, ""] if lines else []


def _partial(verdicts: Verdicts) -> list[str]:
    """List keys of which only some meet what they are joined with."""
    if not verdicts.partial:
        return []
    lines = ["Matched in part"]
    for finding in verdicts.partial[:SHOWN_GROUPS]:
        lines += paragraph(finding)
    if verdicts.partial[SHOWN_GROUPS:]:
        lines.append(f"  and {len(verdicts.partial) - SHOWN_GROUPS:,} more")
    return [*lines, ""]


def _suspicious(odd: list[SuspiciousCell]) -> list[str]:
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


def _coverage(coverage: Coverage) -> list[str]:
    header = ["% of cities", *(f"{year % 100:02d}" for year in coverage.years)]
    rows = []
    present = {name: shares for name, shares in coverage.shares.items() if any(shares)}
    absent = len(coverage.shares) - len(present)
    for series, shares in present.items():
        cells = ["." if share == 0 else f"{100 * share:.0f}" for share in shares]
        rows.append([_label(series), *cells])
    span = f"{coverage.years[0]} to {coverage.years[-1]}" if coverage.years else "no year"
    title = f"Coverage of city_yearbook: {coverage.n_cities} cities, {span}"
    lines = [title, *(f"  {line}" for line in table(header, rows, 1))] if rows else [title]
    # Which they are stands under what is missing.
    lines += [f"  {absent} other series have no figure"] if absent else []
    return [*lines, ""]


def _label(series: str) -> str:
    return f"{series} {contract()['city_yearbook'].column(series).name_zh}"


def _support(support: list[TableSupport], limit: float) -> list[str]:
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


def _verdict(problems: Sequence[Problem]) -> list[str]:
    if not problems:
        return ["Ready: `make build` can start with this folder."]
    count = len(problems)
    lines = [f"{count} {'problem' if count == 1 else 'problems'} to solve before `make build`"]
    # One line each, however long: so they can be searched and copied.
    return [*lines, *(f"  {problem}" for problem in problems)]
