"""One refresh at a time: a lock that dies with its process, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunningError(RuntimeError):
    """Another process holds the lock."""


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
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise AlreadyRunningError(f"process {holder} is refreshing (lock {path})") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
