"""The machine and the versions behind the figures."""

from __future__ import annotations

import os
import platform
from importlib import metadata

LIBRARIES = ("dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "polars", "pyarrow", "pyfixest")


def describe_machine() -> dict[str, str]:
    """Cores, memory, system and library versions, as printed above the tables."""
    cores = usable_cores()
    described = {
        "processor": f"{_processor_name()}, {cores} core{'s' if cores > 1 else ''}",
        "memory": f"{memory_mb('MemTotal') / 1024:.1f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_average_at_start": f"{os.getloadavg()[0]:.2f}",
    }
    for library in LIBRARIES:
        try:
            described[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            described[library] = "not installed"
    return described


def usable_cores() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_mb(field: str) -> float:
    """Read one field of /proc/meminfo in MB; infinite where the system has none."""
    try:
        with open("/proc/meminfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return float("inf")


def _processor_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()
