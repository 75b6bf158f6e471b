"""Where the bytes of a stream lie in a compound file, the container of Excel 97 to 2003."""

from __future__ import annotations

import struct
from collections.abc import Sequence

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTRY, _SMALL_SECTOR = 128, 64
_LAST = 0xFFFFFFFA
_IN_HEADER = 109


class Damaged(Exception):
    """The container does not hold what it says."""


def stream_spans(data: bytes, names: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of the pieces of a stream: offset in the file and length, in their order.

    Parameters
    ----------
    data
        The whole file.
    names
        Names that the stream may have; the first that there is.

    Raises
    ------
    Damaged
        Where there is no such stream, or a chain leads nowhere.
    """
    try:
        return _spans(data, names)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Damaged(type(error).__name__) from None


def _spans(data: bytes, names: Sequence[str]) -> list[tuple[int, int]]:
    if not data.startswith(MAGIC):
        raise Damaged("no compound file")
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    directory, _, cutoff, small_table, _, more, _ = struct.unpack_from("<7I", data, 48)
    tables = [*struct.unpack_from(f"<{_IN_HEADER}I", data, 76)]
    while more < _LAST:
        listed = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        tables += listed[:-1]
        more = listed[-1]
    sectors: list[int] = []
    for table in tables:
        if table < _LAST:
            sectors += struct.unpack_from(f"<{size // 4}I", data, (table + 1) * size)

    def places(first: int) -> list[int]:
        return [(sector + 1) * size for sector in _chain(sectors, first)]

    entries = {}
    for place in places(directory):
        for start in range(place, place + size, _ENTRY):
            length = struct.unpack_from("<H", data, start + 64)[0]
            if length >= 2:
                name = data[start : start + length - 2].decode("utf-16-le")
                entries[name.casefold()] = struct.unpack_from("<II", data, start + 116)
    root = entries.get("root entry")
    found = next((entries[n.casefold()] for n in names if n.casefold() in entries), None)
    if found is None or root is None:
        raise Damaged("no such stream")
    first, length = found
    if length >= cutoff:
        return _cut([(place, size) for place in places(first)], length)
    # Short streams share sectors of the root entry.
    shared = places(root[0])
    small: list[int] = []
    for place in places(small_table):
        small += struct.unpack_from(f"<{size // 4}I", data, place)
    per_sector = size // _SMALL_SECTOR
    spans = [
        (shared[n // per_sector] + n % per_sector * _SMALL_SECTOR, _SMALL_SECTOR)
        for n in _chain(small, first)
    ]
    return _cut(spans, length)


def _chain(sectors: Sequence[int], first: int) -> list[int]:
    chain = []
    while first < _LAST:
        chain.append(first)
        if len(chain) > len(sectors):
            raise Damaged("a chain without an end")
        first = sectors[first]
    return chain


def _cut(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    kept = []
    for place, size in spans:
        if length <= 0:
            break
        kept.append((place, min(size, length)))
        length -= size
    return kept
