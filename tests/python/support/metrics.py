"""Metrics of the semantic layer as SQL by year, read off dbt's semantic manifest.

The engine that dbt offers for it is an optional package; what the definitions say needs none.
"""

from __future__ import annotations

import re
from typing import Any

Manifest = dict[str, Any]
AGGREGATES = {
    "average": "avg({})", "median": "median({})", "min": "min({})", "max": "max({})",
    "sum": "sum({})", "count": "count({})", "count_distinct": "count(distinct {})",
}  # fmt: skip


def metric_names(manifest: Manifest) -> list[str]:
    return sorted(metric["name"] for metric in manifest["metrics"])


def metric_sql(manifest: Manifest, name: str) -> str:
    """Query of columns `year`, `value`: the metric by year, as its definition says."""
    metric = next(m for m in manifest["metrics"] if m["name"] == name)
    parts = metric["type_params"]
    if metric["type"] == "simple":
        return _simple(manifest, metric)
    if metric["type"] == "ratio":
        inputs = {"n": parts["numerator"], "d": parts["denominator"]}
        expression = "n::double / d"
    else:
        inputs = {each["alias"] or each["name"]: each for each in parts["metrics"]}
        expression = parts["expr"]
    joined = [
        f"(select year + {_years_back(each)} as year, value as {alias} "
        f"from ({metric_sql(manifest, each['name'])}))"
        for alias, each in inputs.items()
    ]
    return f"select year, {expression} as value from {' join '.join(_using(joined))}"


def _using(relations: list[str]) -> list[str]:
    return [relations[0], *(f"{relation} using (year)" for relation in relations[1:])]


def _years_back(metric_input: dict[str, Any]) -> int:
    window = metric_input.get("offset_window")
    if window is None:
        return 0
    assert window["granularity"] == "year"
    return window["count"]


def _simple(manifest: Manifest, metric: dict[str, Any]) -> str:
    wanted = metric["type_params"]["measure"]["name"]
    model, measure = next(
        (model, measure)
        for model in manifest["semantic_models"]
        for measure in model["measures"]
        if measure["name"] == wanted
    )
    columns = {each["name"]: each["expr"] or each["name"] for each in model["dimensions"]}
    clock = measure["agg_time_dimension"] or model["defaults"]["agg_time_dimension"]
    filters = (metric["filter"] or {"where_filters": []})["where_filters"]
    where = [
        re.sub(
            r"\{\{ *Dimension\('\w+?__(\w+)'\) *\}\}",
            lambda found: columns[found[1]],
            each["where_sql_template"],
        )
        for each in filters
    ]
    value = AGGREGATES[measure["agg"]].format(measure["expr"])
    # Whose database is the file that is open.
    relation = model["node_relation"]["relation_name"].partition(".")[2]
    return (
        f"select year({columns[clock]}) as year, {value} as value from {relation} "
        f"where {' and '.join(where) or 'true'} group by all"
    )
