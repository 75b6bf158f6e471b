"""Run dbt commands one after the other in one process: dbt, and what models import, start once.

As a script: reads a command a line from standard input, a JSON object with the arguments, the
environment and the folder, and answers each with a line of its exit code and output.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path


class DbtServer:
    """The process, started with its first command; it ends with the process that started it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._lock = threading.Lock()

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> tuple[int, str]:
        """Run one command; return its exit code and all that it printed."""
        command = {"arguments": arguments, "environment": environment, "folder": str(folder)}
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", __file__],  # -P: support/dbt.py is not dbt
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            self._process.stdin.write(json.dumps(command, default=str) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            return -1, "the process of dbt died"
        code, printed = json.loads(answer)
        return code, printed


def _serve() -> None:
    # Whatever prints past Python must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(_run(**json.loads(line))), file=answers, flush=True)


def _run(arguments: list[str], environment: dict[str, str], folder: str) -> tuple[int, str]:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        result = dbtRunner().invoke(arguments)
    # The file is for readers now, and the next command may mean another by the same name.
    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager._ENV = None
    return 0 if result.success else 1, printed.getvalue() + str(result.exception or "")


if __name__ == "__main__":
    _serve()
