"""What the reader of workbooks passes over in silence, looked for in the parts of the file.

The reader returns nothing for a formula without a result and nothing for an error value: both would
be read as missing. It also lays a sheet out as a rectangle, whatever its farthest cell.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from urban_resilience.intake.reading.archives import DAMAGED
from urban_resilience.intake.reading.far_cells import refuse_bomb, refuse_far_cells
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.reading.sheet_xml import plain_cells
from urban_resilience.intake.reading.zero_formulas import refuse_zero_results
from urban_resilience.shared.problems import FileFault

# What stands in a cell whose formula has no result, before the name of the cell.
UNCALCULATED = "#FORMULA!"
_UNCALCULATED = re.compile(
    rb'<((?:\w+:)?)c r="([A-Z]+[0-9]+)"'
    rb"[^>]*><(?:\w+:)?f[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_ERROR = re.compile(rb'(<(?:\w+:)?c [^>]*\bt=)"e"')

_ODS_UNCALCULATED = re.compile(
    rb'<table:table-cell(?![^>]*office:value-type)[^>]*table:formula="([^"]*)"'
)
_ODS_ERROR = re.compile(
    rb"<table:table-cell([^>]*)>(?=<text:p>(?:#[A-Z/0-9!?]+|Err:[0-9]+)</text:p>)"
)
_ODS_VALUE = re.compile(rb' (?:office|calcext):[a-z-]+="[^"]*"')


def readable_parts(path: Path) -> io.BytesIO | None:
    """Copy of a workbook with its error values as text, None where it can be read as it is.

    A formula without a result becomes a text that names its cell: it matters in a sheet that is
    used.

    Raises
    ------
    FileFault
        Where a formula of OpenDocument has no result, a cell stands too far off, or it would unpack
        to gigabytes.
    """
    changed = {}
    try:
        with zipfile.ZipFile(path) as file:
            refuse_bomb(file, path.stat().st_size)
            for name in file.namelist():
                is_sheet = name.startswith("xl/worksheets/") and name.endswith((".xml", ".bin"))
                if not is_sheet and name != "content.xml":
                    continue
                content = file.read(name)
                if name.endswith(".xml") and is_sheet:
                    content = plain_cells(content)
                refuse_far_cells(name, content)
                part = None if name.endswith(".bin") else _changed(name, content)
                if part is not None:
                    changed[name] = part
            return _copy(file, changed) if changed else None
    except DAMAGED:
        # What is wrong is said by the reader of the workbook.
        return None


def uncalculated(grid: Grid) -> str:
    """Name the first cell of a sheet whose formula has no result; empty where there is none."""
    for cells in grid.rows:
        for cell in cells:
            if type(cell) is str and cell.startswith(UNCALCULATED):
                return cell.removeprefix(UNCALCULATED)
    return ""


def _changed(name: str, part: bytes) -> bytes | None:
    return _of_opendocument(part) if name == "content.xml" else _of_excel(part)


def _of_excel(part: bytes) -> bytes | None:
    changed = part
    if b"f>" in part or b"<f" in part:
        mark = rb'<\1c r="\2" t="str"><\1v>' + UNCALCULATED.encode() + rb"\2</\1v></\1c>"
        changed = _UNCALCULATED.sub(mark, part)
    if b"</f>" in part or b"<f" in part or b":f>" in part:
        refuse_zero_results(part)
    changed = _ERROR.sub(rb'\1"str"', changed) if b't="e"' in part else changed
    return None if changed is part else changed


def _of_opendocument(part: bytes) -> bytes | None:
    found = _ODS_UNCALCULATED.search(part)
    if found:
        raise FileFault(
            f"the formula `{found.group(1).decode('utf-8', 'replace')[:80]}` has no result.",
            "Open the file in LibreOffice and save it: results are then stored.",
        )
    if not _ODS_ERROR.search(part):
        return None
    return _ODS_ERROR.sub(
        lambda cell: (
            b'<table:table-cell office:value-type="string"'
            + _ODS_VALUE.sub(b"", cell.group(1))
            + b">"
        ),
        part,
    )


def _copy(file: zipfile.ZipFile, changed: dict[str, bytes]) -> io.BytesIO:
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as other:
        for name in file.namelist():
            other.writestr(name, changed[name] if name in changed else file.read(name))
    copy.seek(0)
    return copy
