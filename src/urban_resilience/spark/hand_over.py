"""What leaves Spark as Parquet, for the DuckDB target to take up instead of computing it again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CONTENTS = "hand_over.json"


@dataclass(frozen=True)
class HandedOver:
    """One relation: schema and name, and its rows."""

    schema: str
    name: str
    n_rows: int


def hand_over(
    session: SparkSession, relations: Iterable[tuple[str, str]], folder: Path
) -> list[HandedOver]:
    """Write relations as Parquet, a folder each, all or none.

    Parameters
    ----------
    session : SparkSession
        With the tables.
    relations : iterable of (schema, name)
        What to write.
    folder : Path
        Where they appear at once when all are written; what stood there is replaced. A cluster
        must see it under the same path.

    Returns
    -------
    list of HandedOver
        What was written, as `hand_over.json` in the folder lists it.
    """
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    written = []
    for schema, name in relations:
        target = unfinished / schema / name
        session.table(f"{schema}.{name}").write.parquet(target.resolve().as_uri())
        rows = session.read.parquet(target.resolve().as_uri()).count()
        written.append(HandedOver(schema, name, rows))
    contents = json.dumps([asdict(one) for one in written], indent=1)
    (unfinished / CONTENTS).write_text(contents, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)
    return written
