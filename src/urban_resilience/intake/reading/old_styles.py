"""Styles of Excel 97 to 2003 by which a figure is struck through, or nobody sees it.

Source: Microsoft, [MS-XLS] 2.4 (Font, XF, Palette, Format) and 2.5.161 (numbers of colours).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from urban_resilience.intake.reading.cell_styles import shows_nothing
from urban_resilience.intake.reading.excel_protection import records

_FONT, _STYLE, _FORMAT, _PALETTE, _END = 0x31, 0xE0, 0x41E, 0x92, 0x0A
_STRUCK = 0x08
# Font 4 does not exist: numbers behind it are one too high.
_NO_FONT = 4
# Colours 0 to 7 are the first eight of the palette, which begins at 8; a window is white.
_PALETTE_START, _BLACK, _WHITE, _WINDOW = 8, 8, 9, 65
_NO_FILL, _SOLID = 0, 1


@dataclass(frozen=True)
class OldStyles:
    """Numbers of the styles of a workbook that are struck through, or cannot be seen."""

    struck: frozenset[int]
    unseen: frozenset[int]


def old_styles(stream: bytes) -> OldStyles:
    """Find them among the records before the sheets."""
    fonts: list[tuple[bool, int]] = []
    styles: list[bytes] = []
    silent: set[int] = set()
    palette: dict[int, bytes] = {}
    for number, _, body in records(stream):
        if number == _FONT:
            effects, colour = struct.unpack_from("<HH", body, 2)
            fonts.append((bool(effects & _STRUCK), colour))
        elif number == _STYLE:
            styles.append(body)
        elif number == _FORMAT and shows_nothing(_text(body[2:])):
            silent.add(struct.unpack_from("<H", body)[0])
        elif number == _PALETTE:
            colours = [body[at : at + 3] for at in range(2, len(body) - 3, 4)]
            palette = {_PALETTE_START + place: rgb for place, rgb in enumerate(colours)}
        elif number == _END:
            break
    struck, unseen = set(), set()
    for place, style in enumerate(styles):
        font, number = struct.unpack_from("<HH", style)
        font -= font > _NO_FONT
        is_struck, colour = fonts[font] if font < len(fonts) else (False, _BLACK)
        if is_struck:
            struck.add(place)
        if number in silent or _shade(colour, palette) == _ground(style, palette):
            unseen.add(place)
    return OldStyles(frozenset(struck), frozenset(unseen))


def _ground(style: bytes, palette: dict[int, bytes]) -> bytes:
    """Colour behind a cell; of a pattern none that a figure could have."""
    pattern = style[17] >> 2
    if pattern == _NO_FILL:
        return _shade(_WINDOW, palette)
    return _shade(style[18] & 0x7F, palette) if pattern == _SOLID else b""


def _shade(number: int, palette: dict[int, bytes]) -> bytes:
    if number < _PALETTE_START:
        number += _PALETTE_START
        return {_BLACK: b"\x00\x00\x00", _WHITE: b"\xff\xff\xff"}.get(number, b"%d" % number)
    known = palette.get(number)
    if known is not None:
        return known
    if number in (_WHITE, _WINDOW):
        return b"\xff\xff\xff"
    return b"\x00\x00\x00" if number == _BLACK else b"%d" % number


def _text(body: bytes) -> bytes:
    """Return a text of one or two bytes a letter as one byte a letter: only signs are compared."""
    length, is_wide = struct.unpack_from("<HB", body)
    return body[3 : 3 + length * (1 + (is_wide & 1))].replace(b"\x00", b"")
