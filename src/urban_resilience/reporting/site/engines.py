"""Scripts of others that the pages run: made or fetched once, and kept within the environment.

The charts (Vega, BSD) are bundled by vl-convert without network; SQLite for the browser (sql.js,
MIT) is fetched through npm, for no Python package carries it.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

import vl_convert

PACKAGE = "sql.js@1.16.0"
MEMBER = "package/dist/sql-wasm-inline.js"
SHA256 = "3dbb4026a62c9e7acdbbc713e2f9009c4902ea624295fc3bb0aab4b1ad0e6ee8"
VEGA_LITE = "6.4"
WAIT_SECONDS = 60


def kept_folder() -> Path:
    """Where they are kept: `make clean` leaves the environment alone."""
    return Path(sys.prefix) / "share" / "urban_resilience"


def chart_script() -> Path:
    """Return the bundle that draws charts, made where it is not kept."""
    kept = kept_folder() / f"charts-{version('vl-convert-python')}-{VEGA_LITE}.js"
    if not kept.exists():
        bundle = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;", vl_version=VEGA_LITE)
        _keep(kept, bundle.encode())
    return kept


def sql_script() -> tuple[Path | None, str]:
    """Return SQLite for the browser, fetched where it is not kept.

    Returns
    -------
    tuple
        The file and an empty text, or None and the reason why there is none.
    """
    kept = kept_folder() / "sql-wasm-inline.js"
    if kept.exists() and _digest(kept.read_bytes()) == SHA256:
        return kept, ""
    npm = shutil.which("npm")
    if npm is None:
        return None, f"npm is not installed, which fetches {PACKAGE}"
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(
                [npm, "pack", PACKAGE, "--silent"],
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=WAIT_SECONDS,
            )
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as packed:
                member = packed.extractfile(MEMBER)
                content = member.read() if member else b""
        except (OSError, subprocess.SubprocessError, StopIteration, tarfile.TarError, KeyError):
            return None, f"npm could not fetch {PACKAGE}"
    if _digest(content) != SHA256:
        return None, f"what npm fetched is not {PACKAGE}"
    _keep(kept, content)
    return kept, ""


def _keep(path: Path, content: bytes) -> None:
    """Write whole: two builds may do so at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
