"""Styles of cells that keep a figure from being taken for one: struck through, or not to be seen.

Not to be seen are figures in the colour of their own background and in a format that shows nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_FONTS = re.compile(rb"<(?:\w+:)?fonts\b[^>]*>(.*?)</(?:\w+:)?fonts>", re.DOTALL)
_FONT = re.compile(rb"<(?:\w+:)?font(?:/>|>.*?</(?:\w+:)?font>)", re.DOTALL)
_FILL = re.compile(rb"<(?:\w+:)?fill(?:/>|>.*?</(?:\w+:)?fill>)", re.DOTALL)
_STRIKE = re.compile(rb'<(?:\w+:)?d?strike(?: val="(?:1|true)")? ?/>')
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs[^>]*>(.*?)</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf [^>]*>")
_COLOUR = re.compile(rb"<(?:\w+:)?color ([^>]*)/>")
_SOLID = re.compile(rb'patternType="solid"[^>]*>(?:\s*<(?:\w+:)?fgColor ([^>]*)/>)?')
_PATTERN = re.compile(rb'patternType="(?!none|solid)|<(?:\w+:)?gradientFill')
_NUMBER_FORMAT = re.compile(rb"<(?:\w+:)?numFmt [^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_RICH_STRUCK = re.compile(rb"<(?:\w+:)?rPr>(?:(?!</(?:\w+:)?rPr>).)*?<(?:\w+:)?strike\b", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?si\b[^>]*>(.*?)</(?:\w+:)?si>", re.DOTALL)
BLACK, WHITE = b"000000", b"FFFFFF"
# Colours of the palette and of the theme that every workbook has.
_INDEXED = {b"0": BLACK, b"1": WHITE, b"8": BLACK, b"9": WHITE, b"64": BLACK, b"65": WHITE}
_THEME = {b"0": WHITE, b"1": BLACK}


@dataclass(frozen=True)
class Styles:
    """Numbers of the styles of a workbook, and of its texts, that are struck or cannot be seen."""

    struck: frozenset[bytes] = frozenset()
    unseen: frozenset[bytes] = frozenset()
    struck_texts: frozenset[bytes] = field(default_factory=frozenset)


def styles_of(styles: bytes, texts: bytes = b"") -> Styles:
    """Find them in the parts ``styles.xml`` and ``sharedStrings.xml`` of a workbook."""
    in_fonts = _FONTS.search(styles)
    fonts = _FONT.findall(in_fonts[1]) if in_fonts else []
    struck_fonts = {number for number, font in enumerate(fonts) if _STRIKE.search(font)}
    colours = [_colour(found[1]) if (found := _COLOUR.search(f)) else BLACK for f in fonts]
    grounds = [_ground(fill) for fill in _FILL.findall(styles)]
    silent = {
        attributes[b"numFmtId"]
        for found in _NUMBER_FORMAT.findall(styles)
        if shows_nothing((attributes := _attributes(found)).get(b"formatCode", b"0"))
    }
    of_cells = _STYLES.search(styles)
    struck, unseen = set(), set()
    for number, style in enumerate(_STYLE.findall(of_cells[1] if of_cells else b"")):
        attributes = _attributes(style)
        font = int(attributes.get(b"fontId", b"0"))
        fill = int(attributes.get(b"fillId", b"0"))
        if font in struck_fonts:
            struck.add(b"%d" % number)
        ground = grounds[fill] if fill < len(grounds) else WHITE
        colour = colours[font] if font < len(colours) else BLACK
        if colour == ground or attributes.get(b"numFmtId") in silent:
            unseen.add(b"%d" % number)
    struck_texts = (
        {b"%d" % n for n, text in enumerate(_TEXT.findall(texts)) if _RICH_STRUCK.search(text)}
        if b"strike" in texts
        else ()
    )
    return Styles(frozenset(struck), frozenset(unseen), frozenset(struck_texts))


def is_struck_text(cell: bytes) -> bool:
    """Whether a text that stands in the cell itself is struck through, wholly or in part."""
    return _RICH_STRUCK.search(cell) is not None


def _attributes(tag: bytes) -> dict[bytes, bytes]:
    return dict(_ATTRIBUTE.findall(tag))


def _colour(attributes: bytes) -> bytes:
    found = _attributes(attributes)
    if b"rgb" in found:
        return found[b"rgb"][-6:].upper()
    tint = float(found.get(b"tint", b"0") or 0)
    if b"theme" in found:
        plain = _THEME.get(found[b"theme"]) if not tint else None
        return plain or b"theme %s %g" % (found[b"theme"], tint)
    if b"indexed" in found:
        return _INDEXED.get(found[b"indexed"], b"indexed %s" % found[b"indexed"])
    return BLACK


def _ground(fill: bytes) -> bytes:
    if _PATTERN.search(fill):
        return b"a pattern"
    solid = _SOLID.search(fill)
    return WHITE if solid is None else _colour(solid[1]) if solid[1] else BLACK


def shows_nothing(code: bytes) -> bool:
    """Whether a format of numbers, such as ``;;;``, leaves every cell blank."""
    return bool(re.fullmatch(rb'(?:[;\s]|"\s*"|&quot;\s*&quot;)+', code)) and b";" in code
