"""Where the installed command starts."""

from __future__ import annotations

import os
import sys

# Matrices are small: one thread is faster, and its digits do not depend on the machine.
SETTINGS = {"OPENBLAS_NUM_THREADS": "1", "DO_NOT_TRACK": "1"}


def main() -> int:
    """Run one command of ``sys.argv``; its exit code."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        from urban_resilience.cli.app import app
    except ModuleNotFoundError as error:
        if error.name not in ("rich", "typer"):
            raise
        print(
            f"urban-resilience: {error.name} is not installed, this checkout is newer than its"
            " packages: `make install` adds what is missing",
            file=sys.stderr,
        )
        return 1
    code: int = app(prog_name="urban-resilience", standalone_mode=False)
    return code or 0
