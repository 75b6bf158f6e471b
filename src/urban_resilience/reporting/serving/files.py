"""Which file of the pages an address means."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


def file_of(folder: Path, address: str) -> Path | None:
    """Find the file of an address; None where there is none below the folder.

    Parameters
    ----------
    folder
        Of the pages, or a link to it, which is followed each time: the next version is another.
    address
        As asked for: ``/``, ``/cities.html?x#y``.
    """
    try:
        path = unquote(urlsplit(address).path, errors="strict")
    except ValueError:
        return None
    parts = PurePosixPath(path.lstrip("/") or "index.html").parts
    if any(part.startswith(".") or set(part) & set("\\:\0") for part in parts):
        return None
    root = folder.resolve()
    file = root.joinpath(*parts).resolve()
    is_page = file.is_relative_to(root) and file.suffix in TYPES and file.is_file()
    return file if is_page else None
