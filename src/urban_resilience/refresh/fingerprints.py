"""What a build depends on, as digests: the raw files, and the project that turns them round."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from urban_resilience.shared.digest import digest_file
from urban_resilience.shared.project import SEEDS_VARIABLE

# What decides a build's numbers. Tests, benchmarks and documents do not.
PROJECT_PARTS = (
    "dbt_project.yml",
    "requirements.lock",
    "profiles",
    "models",
    "macros",
    "python_models",
    "snapshots",
    "src",
    "tests/generic",
    "tests/singular",
)
CHUNK_BYTES = 1 << 20
# Folder of the changes of members by month, where there is one.
MEMBER_CHANGES = "MEMBER_CHANGES_DIR"


def fingerprint_folder(folder: Path) -> dict[str, str]:
    """Digest of every file below a folder, by relative path, in a fixed order.

    Hidden files are left out: editors and file systems write those.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    visible = [path for path in files if not _is_hidden(path.relative_to(folder))]
    return {_name(path.relative_to(folder)): digest_file(path) for path in visible}


def fingerprint_inputs(raw: Path) -> dict[str, str]:
    """Digest of every raw file; of the changes of members by month, only size and time.

    Months are many and each is read once: docs/how-to/members-by-month.md.
    """
    inputs = fingerprint_folder(raw)
    folder = os.environ.get(MEMBER_CHANGES)
    if folder:
        for path in sorted(Path(folder).glob("*.parquet")):
            seen = path.stat()
            inputs[f"{MEMBER_CHANGES}/{path.name}"] = f"{seen.st_size} {seen.st_mtime_ns}"
    return inputs


def fingerprint_project(root: Path, parts: Iterable[str] = PROJECT_PARTS) -> str:
    """One digest of everything in the project that decides a build's numbers."""
    digest = hashlib.sha256()
    # The study's seeds are where its folder was put together.
    for part in (*parts, os.environ.get(SEEDS_VARIABLE) or "seeds"):
        path = root / part
        files = {"": digest_file(path)} if path.is_file() else fingerprint_folder(path)
        for name, content in files.items():
            if "__pycache__" not in name and ".egg-info" not in name:
                digest.update(f"{part}/{name}\0{content}\n".encode())
    return digest.hexdigest()


def git_revision(root: Path) -> str | None:
    """Revision of the checkout, with ``+`` where files differ from it; None outside git."""
    try:
        revision = _git(root, "rev-parse", "HEAD")
        return revision + ("+" if _git(root, "status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _name(path: Path) -> str:
    """Return a path as text, bytes that are no UTF-8 written out: the history is UTF-8."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
