"""The process that drives Spark: opens the session, lets dbt build, hands over.

`python -m urban_resilience.spark.driver '{"contract": ..., "hand_over": ..., "master": ...}'`
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from urban_resilience.spark.hand_over import hand_over
from urban_resilience.spark.session import WORK_FOLDER, open_session

# Members' records stay where they are: what is computed from them is small.
STAYS = {"staging"}


def main(order: dict[str, Any]) -> int:
    """Build by the selector `spark` and hand over; returns an exit code."""
    os.environ["RAW_DATA_DIR"] = order["contract"]
    os.environ.setdefault("DBT_PROFILES_DIR", "profiles")
    os.environ.setdefault("DBT_USE_FAST_TEST_EDGES", "true")
    session = open_session(WORK_FOLDER, order["master"])
    from dbt.cli.main import dbtRunner

    from urban_resilience.spark.adapter import use_translating_adapter

    use_translating_adapter()
    target = Path(os.environ.get("DBT_TARGET_PATH", "target")) / "on_spark"
    command = ["--no-use-colors", "build", "--target", "spark", "--target-path", str(target)]
    # Of the tests those whose relations are all here.
    command += ["--selector", "spark", "--indirect-selection", "buildable"]
    result = dbtRunner().invoke(command)
    if not result.success:
        return 1
    results: Any = result.result
    built = [
        (node.node.schema, node.node.alias)
        for node in results
        if node.node.resource_type == "model"
        and node.node.language == "sql"
        and node.node.schema not in STAYS
    ]
    written = hand_over(session, sorted(built), Path(order["hand_over"]))
    print(f"{len(written)} relations handed over: {order['hand_over']}", flush=True)
    session.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
