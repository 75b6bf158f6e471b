"""Run dbt commands one after the other: dbt starts once, and reads a project once.

As a script: reads a command a line from standard input, a JSON object with the arguments, the
environment and the folder, and answers each with a line of its exit code and output. Each command
runs in a fork of the process that has read the project, so that none finds what another left.
"""

from __future__ import annotations

import atexit
import importlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from itertools import pairwise
from pathlib import Path

from filelock import FileLock

# What models import that takes seconds: once a fork has done it, its origin does it for the others.
SLOW_IMPORTS = (
    *("duckdb", "pandas", "pyarrow.parquet", "great_expectations", "statsmodels.api", "pyfixest"),
    *("numba", "scipy.optimize", "scipy.stats"),
)
# What dbt reads of a project depends on these: with others, it is another project.
PROJECT_OPTIONS = ("--vars", "--project-dir", "--profiles-dir", "--target")
PROJECT_VARIABLES = ("STUDY_SEEDS", "WAREHOUSE_PATH", "DEV_WAREHOUSE_PATH", "MEMBER_CHANGES_DIR")
# The project as dbt last read it for a test: the next process reads only what has changed since.
KEPT = Path(__file__).resolve().parents[3] / "target" / "tests" / "partial_parse.msgpack"
# Commands that are about reading the project: they read it themselves.
READING = ("parse", "clean", "debug", "deps")


class DbtServer:
    """The process, started with its first command; it ends with the process that started it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._lock = threading.Lock()

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        is_fixed: bool = False,
    ) -> tuple[int, str]:
        """Run one command; return its exit code and all that it printed.

        `is_fixed` says that the files of the project stay as they are while the process lives.
        """
        command = {
            "arguments": arguments,
            "environment": environment,
            "folder": str(folder),
            "is_fixed": is_fixed,
        }
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", __file__],  # -P: support/dbt.py is not dbt
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                atexit.register(self._process.communicate)
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
    manifests: dict[tuple, object] = {}
    for line in sys.stdin:
        command = json.loads(line)
        os.environ.clear()
        os.environ.update(command["environment"])
        os.chdir(command["folder"])
        arguments = command["arguments"]
        project = None
        if command["is_fixed"] and arguments[0] not in READING:
            project = _project(arguments)
            if project not in manifests:
                manifests[project] = _read(arguments)
        else:
            _leave_what_was_read(arguments)
        code, printed, imported = _in_a_fork(arguments, manifests.get(project))
        for name in imported:
            importlib.import_module(name)
        print(json.dumps([code, printed]), file=answers, flush=True)


def _options(arguments: list[str]) -> list[str]:
    """Return the options that dbt reads the project by."""
    return [word for pair in pairwise(arguments) if pair[0] in PROJECT_OPTIONS for word in pair]


def _project(arguments: list[str]) -> tuple:
    """Return what a project is known by."""
    return (*_options(arguments), *(os.environ.get(name) for name in PROJECT_VARIABLES))


def _read(arguments: list[str]) -> object:
    """Read the project as dbt would first; None where it cannot be read, which dbt then says.

    One process reads all of it, while others wait for what it leaves them. It reads by Jinja alone:
    dbt's static parser keeps a pool of threads, which no fork has, and a fork that parses a model
    would wait for them forever.
    """
    from dbt.cli.main import dbtRunner

    is_shipped = _is_shipped(arguments)
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with (
        FileLock(KEPT.with_suffix(".lock")) if is_shipped else nullcontext(),
        redirect_stdout(io.StringIO()),
        redirect_stderr(io.StringIO()),
    ):
        _leave_what_was_read(arguments)
        read = dbtRunner().invoke(
            ["--no-write-json", "--no-static-parser", "parse", *_options(arguments)]
        )
        if is_shipped and read.success:
            incoming = KEPT.with_suffix(f".{os.getpid()}")
            shutil.copy(_parsed(), incoming)
            incoming.replace(KEPT)
    return read.result if read.success else None


def _parsed() -> Path:
    return Path(os.environ["DBT_TARGET_PATH"]) / KEPT.name


def _is_shipped(arguments: list[str]) -> bool:
    """Whether dbt reads the shipped study as it is, or files copied from it."""
    return "--vars" not in arguments and "STUDY_SEEDS" not in os.environ


def _leave_what_was_read(arguments: list[str]) -> None:
    """Let a first command in a folder read only what is not as in the project."""
    if KEPT.exists() and not _parsed().exists() and _is_shipped(arguments):
        _parsed().parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(KEPT, _parsed())


def _in_a_fork(arguments: list[str], manifest: object) -> tuple[int, str, list[str]]:
    """Run a command in a process of its own that starts with all that this one knows."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            before = set(sys.modules)
            answer = _run(arguments, manifest)
            imported = [name for name in SLOW_IMPORTS if name in set(sys.modules) - before]
            with os.fdopen(writing, "w") as pipe:
                json.dump([*answer, imported], pipe)
            code = 0
        finally:
            # Without what Python does at its end: that is for the process this one is a copy of.
            sys.stderr.flush()
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        return -1, "the process of dbt died", []
    code, printed, imported = json.loads(answer)
    return code, printed, imported


def _run(arguments: list[str], manifest: object) -> tuple[int, str]:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        result = dbtRunner(manifest=manifest).invoke(arguments)
    # Everything is written when the next reader opens the file.
    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    return 0 if result.success else 1, printed.getvalue() + str(result.exception or "")


if __name__ == "__main__":
    _serve()
