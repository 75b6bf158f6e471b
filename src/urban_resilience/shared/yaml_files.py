"""YAML files of the project, each read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

# Ten times as fast where the library was built with it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read_yaml(path: Path) -> Any:
    """Return the document in a file; it is shared, so nobody may change it."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
