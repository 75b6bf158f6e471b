"""Whether Spark can run here: its Python side installed, and a Java."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from urban_resilience.spark.cluster import has_java

WHAT_LACKS = [
    *(["pyspark (make .venv/installed-spark)"] if find_spec("pyspark") is None else []),
    *([] if has_java() else ["Java 17"]),
]
needs_spark = pytest.mark.skipif(bool(WHAT_LACKS), reason="lacks " + " and ".join(WHAT_LACKS))
