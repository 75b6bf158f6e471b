"""A folder that readers see whole: written aside, put in place by a rename."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from urban_resilience.shared.refusal import Refusal

# Left in every export: a folder without it is somebody's own, and is not replaced.
MARK = "README.txt"
FIRST_WORDS = "Export of the urban resilience warehouse"


class ForeignFolderError(Refusal, ValueError):
    """The folder to write has something in it that no export has written."""


@contextmanager
def published_folder(out: Path) -> Iterator[Path]:
    """Give a new folder to write; where nothing is raised, it takes the place of ``out``.

    Raises
    ------
    ForeignFolderError
        ``out`` is a file, or holds something that is no export.
    """
    if out.exists() and not _is_ours(out):
        raise ForeignFolderError(f"{out} holds something that is no export: name another folder")
    incoming = out.with_name(f".{out.name}.incoming")
    before = out.with_name(f".{out.name}.before")
    for rest in (incoming, before):
        shutil.rmtree(rest, ignore_errors=True)
    incoming.mkdir(parents=True)
    try:
        yield incoming
        if out.exists():
            os.rename(out, before)
        try:
            os.rename(incoming, out)
        except OSError:
            if before.exists():
                os.rename(before, out)
            raise
    finally:
        for rest in (incoming, before):
            shutil.rmtree(rest, ignore_errors=True)


def _is_ours(out: Path) -> bool:
    if not out.is_dir():
        return False
    mark = out / MARK
    is_marked = mark.is_file() and mark.read_text(encoding="utf-8").startswith(FIRST_WORDS)
    return is_marked or not any(out.iterdir())
