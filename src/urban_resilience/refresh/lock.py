"""One refresh at a time: a lock that dies with its process, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from urban_resilience.shared.refusal import Refusal

# Of sysexits.h: a scheduler may try again later.
TRY_AGAIN = 75


class AlreadyRunningError(Refusal, RuntimeError):
    """Another process holds the lock."""

    exit_code = TRY_AGAIN


@contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold the lock on a file, or raise at once.

    The kernel releases it when the process ends, so a killed refresh leaves nothing to clean up;
    the file itself stays and means nothing.

    Raises
    ------
    AlreadyRunningError
        Naming the process that holds the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Not `fallback_to_soft`: a lock that is a mere file outlives a killed process.
        lock = FileLock(path, fallback_to_soft=False).acquire(blocking=False)
    except Timeout as error:
        raise AlreadyRunningError(f"process {_holder(path)} is refreshing (lock {path})") from error
    with lock:
        # Windows locks the content too, then nobody learns who holds it.
        with suppress(PermissionError):
            path.write_text(str(os.getpid()), encoding="ascii")
        yield


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip() or "unknown"
    except PermissionError:
        return "unknown"
