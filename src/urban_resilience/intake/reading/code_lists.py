"""Lists that CSMAR exports beside a file: what its codes mean, one a line.

``Gdp0101 [地区生产总值] - 单位：亿元`` in ``CRE_Gdp[DES][csv].txt`` is about ``CRE_Gdp.csv``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from urban_resilience.intake.reading.grid import Grid, is_text

_NAME = re.compile(r"(?P<of>.+?)\[DES\].*\.txt", re.IGNORECASE)
_LINE = re.compile(r"(?P<code>[A-Za-z]\w*)\s*\[(?P<label>[^\]]+)\]\s*(?:[-—–:：]\s*(?P<says>.*))?")
_UNIT = re.compile(r"单位\s*[:：]?\s*(?P<unit>[^\s，,。;；)）]+)")
_NO_UNIT = ("没有单位", "无单位", "无")


def explains(path: Path) -> str:
    """Name the file that a list of codes is about; empty where the file is no such list."""
    found = _NAME.fullmatch(path.name)
    return found["of"] if found else ""


def codes_of(path: Path) -> dict[str, str]:
    """Return codes and labels, with their units, of the list beside a file; empty without one."""
    for beside in sorted(path.parent.glob("*.[tT][xX][tT]")):
        if explains(beside) == path.stem:
            return _codes(beside)
    return {}


def _codes(path: Path) -> dict[str, str]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    codes = {}
    for line in text.splitlines():
        found = _LINE.match(line.strip())
        if found:
            unit = _UNIT.search(found["says"] or "")
            said = unit["unit"] if unit else ""
            label = found["label"].strip()
            codes[found["code"]] = f"{label}({said})" if said and said not in _NO_UNIT else label
    return codes


def labelled(grid: Grid, codes: dict[str, str]) -> Grid:
    """Return a sheet with labels for the codes in its first row, where no row below has them."""
    has_codes = bool(grid.rows) and any(str(cell).strip() in codes for cell in grid.rows[0])
    below = grid.rows[1] if len(grid.rows) > 1 else []
    if not has_codes or any(str(cell).strip() in codes.values() for cell in below):
        return grid
    header: list[object] = [
        codes.get(str(cell).strip(), cell) if is_text(cell) else cell for cell in grid.rows[0]
    ]
    said = "its headers are codes, read by the list of codes beside it"
    return replace(grid, rows=[header, *grid.rows[1:]], notes=(*grid.notes, said))
