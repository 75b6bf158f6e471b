"""XML of a sheet of Excel in the one spelling that its readers here look for."""

from __future__ import annotations

import re

_OTHER_ORDER = re.compile(rb"<(?:\w+:)?c (?!r=\")")
_SINGLE = re.compile(rb"<(?:\w+:)?worksheet [^>]*?='")
_QUOTED = re.compile(rb"(\s[\w:]+)='([^'\"<>]*)'")
BEGINNING = 4096
# Behind the declaration at the top, which has a line of its own.
_BODY = 120
_BETWEEN = re.compile(rb">\s+<")
_CELL = re.compile(rb"(<(?:\w+:)?c)\s+([^>]*?)\s*(/?>)")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def plain_cells(part: bytes) -> bytes:
    """Put ``r`` first among the attributes of cells, and take out blanks between tags.

    Programs other than Excel write attributes in any order, in either quotes, and indent lines.
    """
    if _SINGLE.search(part, 0, BEGINNING):
        part = _QUOTED.sub(rb'\1="\2"', part)
    if any(part.find(blank, _BODY) >= 0 for blank in (b">\n", b">\r", b"> ", b">\t")):
        part = _BETWEEN.sub(b"><", part)
    # Counting is faster than a search through megabytes.
    in_order = part.count(b"<c ") == part.count(b'<c r="') > 0
    return part if in_order or not _OTHER_ORDER.search(part) else _CELL.sub(_in_order, part)


def _in_order(cell: re.Match[bytes]) -> bytes:
    attributes = [(name, one or other) for name, one, other in _ATTRIBUTE.findall(cell[2])]
    attributes.sort(key=lambda attribute: attribute[0] != b"r")
    spelled = b"".join(b' %s="%s"' % attribute for attribute in attributes)
    return cell[1] + spelled + cell[3]
