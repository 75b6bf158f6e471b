"""What a build says while it runs: ten lines, its warnings and errors; the rest is in dbt's log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

LINES = 10
# Events of dbt's structured log.
FINISHED, SUMMARY = "Result", "StatsLine"
LOUD = ("warn", "error")


def narrate(lines: Iterable[str], log: str, seconds: Callable[[], float]) -> Iterator[str]:
    """Turn dbt's structured log (``--log-format json``) into what people read.

    Parameters
    ----------
    lines
        Of dbt, as they come. One that is no event (a crash of Python itself) is passed on.
    log
        Where dbt keeps its own log.
    seconds
        Gives the seconds since the start.

    Yields
    ------
    str
        How many nodes are done, at every tenth of them, with the time and the schema that was
        written last; every warning and error; dbt's count at the end.
    """
    done, shown, schema = 0, 0, ""
    for line in lines:
        event = _event(line)
        if event is None:
            yield line.rstrip()
            continue
        name, level = event["info"]["name"], event["info"]["level"]
        data = event.get("data", {})
        if level in LOUD and event["info"]["msg"].strip():
            yield event["info"]["msg"].rstrip()
        if name == SUMMARY:
            yield f"{event['info']['msg']} ({seconds():.0f} s)"
        # Tests call it by another name than models do.
        total = data.get("total") or data.get("num_models")
        if not (name.startswith("Log") and name.endswith(FINISHED) and total):
            continue
        if not done:
            yield f"{total} nodes to build and test; dbt's own log is {log}"
        done += 1
        node = data.get("node_info", {})
        if node.get("resource_type") in ("model", "seed", "snapshot"):
            schema = node.get("node_relation", {}).get("schema") or schema
        if done * LINES // total > shown:
            shown = done * LINES // total
            yield f"{done:>6} of {total}  {seconds():>4.0f} s  {schema}"


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
        return event if event["info"]["name"] and event["info"]["level"] else None
    except (ValueError, KeyError, TypeError):
        return None
