"""A refresh of the small build as a process of its own, to be killed.

Arguments: its folder, and optionally the number of a durable step (a copy, a rename, a sync) at
which the process kills itself: step 2n - 1 is before the n-th of them, step 2n just after.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.publishing import refresh_small

DURABLE = ((os, "fsync"), (os, "replace"), (os, "rename"), (shutil, "copyfile"))


def die_at(step: int) -> None:
    """Make every durable step count, and the given one the last."""
    passed = 0

    def count() -> None:
        nonlocal passed
        passed += 1
        if passed == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(original):
        def call(*arguments, **options):
            count()
            result = original(*arguments, **options)
            count()
            return result

        return call

    for module, name in DURABLE:
        setattr(module, name, watched(getattr(module, name)))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        die_at(int(sys.argv[2]))
    print(refresh_small(Path(sys.argv[1])).line)
