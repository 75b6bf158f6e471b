"""What is written beside the cells of a workbook and is no data: comments and text boxes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from html import unescape
from pathlib import Path
from posixpath import dirname, join, normpath

from urban_resilience.intake.reading.archives import DAMAGED
from urban_resilience.intake.reading.hidden_cells import sheet_parts
from urban_resilience.shared.counting import count

SHOWN, LONGEST = 3, 40
_COMMENT = re.compile(
    rb'<(?:\w+:)?comment [^>]*?\bref="([A-Z]+[0-9]+)"[^>]*>(.*?)</(?:\w+:)?comment>', re.DOTALL
)
_BOX = re.compile(rb"<\w+:txBody>(.*?)</\w+:txBody>", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t(?: [^>]*)?>([^<]*)</(?:\w+:)?t>")
_RELATION = re.compile(rb"<Relationship [^>]*>")
_TARGET = re.compile(rb'\bTarget="([^"]*)"')
_ANNOTATION = re.compile(rb"<office:annotation\b.*?</office:annotation>", re.DOTALL)
_ODS_TEXT = re.compile(rb"<text:(?:p|span)[^>]*>([^<]+)")
_ODS_TABLE = re.compile(rb'<table:table [^>]*?table:name="([^"]*)"')
# What changes the meaning of a figure: a unit, a number.
_TELLING = re.compile(
    r"单位|[0-9０-９%％‰]|[万亿千百]|[美日欧港]?元|人民币|吨|公里|公顷|平方|\bunits?\b|\busd\b|\brmb\b"
    r"|\bpersons?\b|million|billion|thousand",
    re.IGNORECASE,
)


def comments_of(path: Path) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Find the comments of cells and the text boxes of each sheet.

    Returns
    -------
    mapping of str to sequence of (str, str)
        Place (a cell, or ``a text box``) and text, by the name of the sheet; none in formats other
        than those of Excel since 2007 and of OpenDocument.
    """
    try:
        with zipfile.ZipFile(path) as file:
            names = set(file.namelist())
            if "content.xml" in names:
                return _of_opendocument(file.read("content.xml"))
            if not any("omment" in name or "/drawing" in name for name in names):
                return {}
            parts = sheet_parts(file)
            found = {sheet: _beside(file, names, part) for sheet, part in parts.items()}
            return {sheet: texts for sheet, texts in found.items() if texts}
    except DAMAGED:
        # What is wrong with the file is said by the reader of the workbook.
        return {}


def said_of(comments: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Put comments into words: those that may change a figure are doubts, the others are notes."""
    telling = [comment for comment in comments if _TELLING.search(comment[1])]
    others = [comment for comment in comments if comment not in telling]
    doubts = []
    if telling:
        doubts.append(
            f"{count(len(telling), 'comment')} beside the cells not read: {_listed(telling)}. "
            "Write what is said of units into the headers, and figures into cells"
        )
    notes = [f"{count(len(others), 'comment')} not read: {_listed(others)}"] if others else []
    return doubts, notes


def _listed(comments: Sequence[tuple[str, str]]) -> str:
    shown = "; ".join(f"{place} `{text[:LONGEST]}`" for place, text in comments[:SHOWN])
    return shown + (", ..." if len(comments) > SHOWN else "")


def _beside(file: zipfile.ZipFile, names: set[str], part: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for target in _related(file, names, part):
        content = file.read(target)
        if "drawing" in target.casefold():
            boxes = map(_joined, _BOX.findall(content))
            found += [("a text box", text) for text in boxes if text]
        else:
            found += [
                (cell.decode(), text)
                for cell, inside in _COMMENT.findall(content)
                if (text := _joined(inside))
            ]
    return found


def _related(file: zipfile.ZipFile, names: set[str], part: str) -> list[str]:
    """Parts with comments and drawings that a sheet refers to."""
    folder, _, name = part.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in names:
        return []
    found = []
    for relation in _RELATION.findall(file.read(relations)):
        target = _TARGET.search(relation)
        path = target[1].decode() if target else ""
        if not re.search(r"(?:/comments?[^/]*|/drawing[^/]*)\.xml$", f"/{path}"):
            continue
        path = path.lstrip("/") if path.startswith("/") else normpath(join(dirname(part), path))
        found += [path] if path in names else []
    return found


def _joined(content: bytes) -> str:
    text = b"".join(_TEXT.findall(content)).decode("utf-8", "replace")
    return " ".join(unescape(text).split())


def _of_opendocument(content: bytes) -> dict[str, list[tuple[str, str]]]:
    if b"<office:annotation" not in content:
        return {}
    found: dict[str, list[tuple[str, str]]] = {}
    tables = _ODS_TABLE.split(content)
    for name, table in zip(tables[1::2], tables[2::2], strict=True):
        for annotation in _ANNOTATION.findall(table):
            text = b" ".join(_ODS_TEXT.findall(annotation)).decode("utf-8", "replace")
            sheet = unescape(name.decode("utf-8", "replace"))
            found.setdefault(sheet, []).append(("a cell", " ".join(unescape(text).split())))
    return found
