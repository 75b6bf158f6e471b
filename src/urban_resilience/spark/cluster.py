"""A standalone Spark on this machine, on loopback: master and workers, a process each."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from urban_resilience.shared.refusal import Refusal

HOST = "127.0.0.1"
MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"


@dataclass
class Cluster:
    """Where the master listens, and the processes."""

    url: str
    master: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)


@contextmanager
def standalone_cluster(
    folder: Path, n_workers: int = 2, cores: int = 1, memory: str = "2g", seconds: float = 60
) -> Iterator[Cluster]:
    """Start a master and workers, and end them afterwards.

    Parameters
    ----------
    folder : Path
        For logs and what executors spill.
    n_workers, cores : int
        Workers, and processor cores of each.
    memory : str
        Of each worker, as Spark writes it (2g).
    seconds : float
        How long a process may take to listen.

    Raises
    ------
    Refusal
        There is no Java, or the master does not come up; the log is named.
    """
    check_java()
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    master = _start(folder / "master.log", MASTER, "--port", str(port), "--webui-port", "0")
    cluster = Cluster(f"spark://{HOST}:{port}", master)
    try:
        _wait_for(port, master, folder / "master.log", seconds)
        for number in range(1, n_workers + 1):
            arguments = ["--cores", str(cores), "--memory", memory, "--webui-port", "0"]
            arguments += ["--work-dir", str(folder.resolve() / f"worker_{number}"), cluster.url]
            log = folder / f"worker_{number}.log"
            cluster.workers.append(_start(log, WORKER, *arguments))
        yield cluster
    finally:
        for process in [*cluster.workers, master]:
            _end(process)


def has_java() -> bool:
    """Whether JAVA_HOME or the path has a Java."""
    home = os.environ.get("JAVA_HOME")
    return bool(home and Path(home, "bin", "java").exists()) or shutil.which("java") is not None


def check_java() -> None:
    """Say plainly where there is no Java.

    Raises
    ------
    Refusal
        Neither JAVA_HOME nor the path has one.
    """
    if not has_java():
        raise Refusal(
            "Spark needs Java 17 or 21, and there is none. Install one (Debian:"
            " openjdk-17-jre-headless) or set JAVA_HOME; `make build` needs none."
        )


def _start(log: Path, main_class: str, *arguments: str) -> subprocess.Popen[bytes]:
    import pyspark

    home = str(Path(pyspark.__file__).parent)
    environment = os.environ | {
        "SPARK_HOME": home,
        "SPARK_LOCAL_IP": HOST,
        # The launcher's shell script replaces itself by Java: one process to end.
        "SPARK_DAEMON_MEMORY": "512m",
        "PYSPARK_PYTHON": sys.executable,
    }
    command = [str(Path(home, "bin", "spark-class")), main_class, "--host", HOST, *arguments]
    with log.open("wb") as stream:
        return subprocess.Popen(command, env=environment, stdout=stream, stderr=stream)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    raise Refusal(f"Spark's master does not listen on {HOST}:{port}. Its log: {log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
