"""Run one function in its own process and take its time and its peak memory.

Peak memory belongs to a process, so every contestant gets a fresh one. The parent imports nothing
heavy: on Linux a child's ``ru_maxrss`` starts at the peak of the process that started it.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
# A second and third run of something this slow would not change the ratio's first digit.
SLOW_SECONDS = 30.0


class Watch:
    """Time a ``with`` block, and note the memory that was taken before it began."""

    def __enter__(self) -> Watch:
        self.baseline_mb = peak_mb()
        self.began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self.began
        self.peak_mb = peak_mb() + sum(map(peak_mb, _descendants(os.getpid())))


@dataclass(frozen=True)
class Measurement:
    """One contestant: median time, highest peak, and what its function returned.

    Attributes
    ----------
    seconds : float
        Median over the runs.
    all_seconds : list of float
    peak_mb : float
        Highest resident memory, the interpreter and its libraries included; with processes that it
        started, the sum of the peaks of each.
    baseline_mb : float
        Resident memory when the clock started: interpreter, libraries, an open connection.
    result : object
        Return value of the last run, as JSON.
    failure : str
        Why there is no measurement; empty where there is one.
    """

    seconds: float = float("nan")
    all_seconds: list[float] = field(default_factory=list)
    peak_mb: float = float("nan")
    baseline_mb: float = float("nan")
    result: Any = None
    failure: str = ""

    @property
    def above_baseline_mb(self) -> float:
        """Memory the work itself took."""
        return self.peak_mb - self.baseline_mb


def measure(target: str, repeats: int = 3, **arguments: Any) -> Measurement:
    """Call ``module:function(watch, **arguments)`` in fresh processes and take the median.

    Parameters
    ----------
    target : str
        ``benchmarks.module:function``. The function times its work with ``with watch:``.
    repeats : int
        Number of processes; a run slower than ``SLOW_SECONDS`` is not repeated.
    """
    runs: list[dict[str, Any]] = []
    for _ in range(repeats):
        run = _run_once(target, arguments)
        if "failure" in run:
            return Measurement(failure=run["failure"])
        runs.append(run)
        if run["seconds"] > SLOW_SECONDS:
            break
    times = [run["seconds"] for run in runs]
    return Measurement(
        seconds=statistics.median(times),
        all_seconds=times,
        peak_mb=max(run["peak_mb"] for run in runs),
        baseline_mb=statistics.median(run["baseline_mb"] for run in runs),
        result=runs[-1]["result"],
    )


def as_record(measurement: Measurement) -> dict[str, Any]:
    """Turn a measurement into plain JSON."""
    return asdict(measurement)


def peak_mb(process: int | None = None) -> float:
    """Highest resident memory of a process so far, this one if none is named, in MB."""
    try:
        with open(f"/proc/{process or 'self'}/status", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    if process:
        return 0.0
    import resource

    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _descendants(process: int) -> list[int]:
    """List the processes that one started, and their own; none where /proc does not tell."""
    parents: dict[int, list[int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name stands in parentheses and may hold spaces; the parent is the second after it.
            after_name = file.read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        except OSError:
            continue
        parents.setdefault(int(after_name.split()[1]), []).append(int(file.parent.name))
    found, todo = [], [process]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def _run_once(target: str, arguments: dict[str, Any]) -> dict[str, Any]:
    worker = subprocess.run(
        [sys.executable, "-m", "benchmarks.isolated", target],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )
    if worker.returncode != 0:
        lines = worker.stderr.strip().splitlines() or ["no message"]
        told = [line for line in lines if "Error" in line] or lines
        return {"failure": f"exit code {worker.returncode}: {told[-1]}"}
    return json.loads(worker.stdout.splitlines()[-1])


def _serve(target: str) -> None:
    module, function = target.split(":")
    watch = Watch()
    result = getattr(importlib.import_module(module), function)(watch, **json.load(sys.stdin))
    print(
        json.dumps(
            {
                "seconds": watch.seconds,
                "peak_mb": watch.peak_mb,
                "baseline_mb": watch.baseline_mb,
                "result": result,
            }
        )
    )


if __name__ == "__main__":
    _serve(sys.argv[1])
