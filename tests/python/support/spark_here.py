"""Whether Spark can run here: its Python side installed, and a Java."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest

WHAT_LACKS = [
    *(["pyspark (make .venv/installed-spark)"] if find_spec("pyspark") is None else []),
    *(["Java 17"] if not (shutil.which("java") or os.environ.get("JAVA_HOME")) else []),
]
needs_spark = pytest.mark.skipif(bool(WHAT_LACKS), reason="lacks " + " and ".join(WHAT_LACKS))
