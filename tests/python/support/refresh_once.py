"""A refresh of the small build as a process of its own, to be killed."""

import os
import shutil
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from support.publishing import refresh_small

# Not this module: the server finds only what is installed.
PRELOADED = ["pyarrow.parquet", "urban_resilience.refresh.nightly"]
DURABLE = ((os, "fsync"), (os, "replace"), (os, "rename"), (shutil, "copyfile"))


def start(folder: Path, pause: float = 0.0, last_step: int | None = None) -> BaseProcess:
    """Start a refresh of a folder, forked from a process that has imported what it needs.

    Parameters
    ----------
    folder
        Of `refresh_small`.
    pause
        Seconds that the build waits after each table.
    last_step
        Durable step (a copy, a rename, a sync) at which the process kills itself: step 2n - 1 is
        before the n-th of them, step 2n just after. None: it goes through.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=_refresh, args=(folder, pause, last_step))
    process.start()
    return process


def _refresh(folder: Path, pause: float, last_step: int | None) -> None:
    os.environ["BUILD_PAUSE"] = str(pause)
    if last_step is not None:
        _die_at(last_step)
    refresh_small(folder)


def _die_at(step: int) -> None:
    """Make every durable step count, and the given one the last."""
    passed = 0

    def count() -> None:
        nonlocal passed
        passed += 1
        if passed == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(original: Callable) -> Callable:
        def call(*arguments, **options):
            count()
            result = original(*arguments, **options)
            count()
            return result

        return call

    for module, name in DURABLE:
        setattr(module, name, watched(getattr(module, name)))
