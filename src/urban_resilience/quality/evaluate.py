"""Evaluate the expectations of a layer with Great Expectations."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import pandas as pd

from urban_resilience.quality.expectations import (
    Expectation,
    ExpectationError,
    read_expectations,
)
from urban_resilience.shared.conditions import ConditionError, select_rows

MAX_OFFENDING_ROWS = 200
MAX_EXAMPLES = 5
COLUMNS = {
    "expectation_id": "string",
    "suite": "string",
    "kind": "string",
    "relation": "string",
    "column_name": "string",
    "expectation": "string",
    "arguments": "string",
    "row_filter": "string",
    "severity": "string",
    "success": "bool",
    "observed": "string",
    "n_rows": "int64",
    "n_unexpected": "int64",
    "unexpected_examples": "string",
    "message": "string",
    "why": "string",
    "offending_rows": "string",
}


def evaluate_layer(
    layer: str,
    seed: pd.DataFrame,
    relations: Mapping[str, pd.DataFrame],
    accept_changes: bool = False,
) -> pd.DataFrame:
    """Evaluate every expectation of a layer.

    Parameters
    ----------
    layer
        Suite to evaluate.
    seed
        Rows of ``data_expectations``.
    relations
        Relation by name: a frame, or a DuckDB relation.
    accept_changes
        Let comparisons with the published build warn instead of stop: somebody has looked at
        tonight's changes and wants them.

    Returns
    -------
    DataFrame
        One row per expectation, in the order of the seed, with the columns of
        ``fct_expectation_results`` but for the run and the data origin, and ``offending_rows``: a
        JSON list of at most 200 objects.

    Raises
    ------
    ExpectationError
        A row of the seed cannot be evaluated.
    """
    frames = {name: _frame(relation) for name, relation in relations.items()}
    expectations = read_expectations(seed, layer, {k: f.columns for k, f in frames.items()})
    order = {e.expectation_id: position for position, e in enumerate(expectations)}
    batches = _batches(layer)
    rows = []
    by_rows = sorted(expectations, key=_judged_rows)
    for (relation, _), group in groupby(by_rows, key=_judged_rows):
        members = list(group)
        frame = _selected(frames[relation], members)
        rows += [
            _result(expectation, outcome, frame, accept_changes)
            for expectation, outcome in _validate(batches, members, frame)
        ]
    rows.sort(key=lambda row: order[row["expectation_id"]])
    # Typed: of a column without any value DuckDB could not tell what it holds.
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _frame(relation: Any) -> pd.DataFrame:
    frame = relation if isinstance(relation, pd.DataFrame) else relation.df()
    # Great Expectations compares cells in pandas, where NA of a nullable column is no number.
    nullable = {
        name: "float64"
        for name, kind in frame.dtypes.items()
        if pd.api.types.is_extension_array_dtype(kind) and pd.api.types.is_numeric_dtype(kind)
    }
    return frame.astype(nullable)


def _judged_rows(expectation: Expectation) -> tuple[str, str]:
    return expectation.relation, expectation.row_filter


def _selected(frame: pd.DataFrame, expectations: list[Expectation]) -> pd.DataFrame:
    first = expectations[0]
    try:
        return select_rows(frame, first.row_filter)
    except ConditionError as error:
        raise ExpectationError(
            f"Seed data_expectations, row {first.expectation_id}:"
            f" `row_filter` cannot be used: {error}"
        ) from error


def _batches(layer: str) -> Any:
    """Open a context that keeps nothing, asks no network and prints no bars, for any frame.

    One definition for all: Great Expectations writes its whole configuration for each.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
    # Takes four seconds to import: only where something is evaluated.
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
    )
    context = gx.get_context(mode="ephemeral", project_config=config)
    asset = context.data_sources.add_pandas(name=layer).add_dataframe_asset(name=layer)
    return asset.add_batch_definition_whole_dataframe(name=layer)


def _validate(
    batches: Any, expectations: list[Expectation], frame: pd.DataFrame
) -> Iterator[tuple[Expectation, dict]]:
    """Yield every expectation with what Great Expectations found."""
    import great_expectations as gx

    batch = batches.get_batch(batch_parameters={"dataframe": frame})
    suite = gx.ExpectationSuite(
        name=f"{expectations[0].relation} {expectations[0].row_filter}",
        expectations=[_native(e) for e in expectations],
    )
    outcomes = {
        outcome.expectation_config.meta["id"]: outcome.to_json_dict()
        for outcome in batch.validate(suite, result_format="COMPLETE").results
    }
    for expectation in expectations:
        yield expectation, outcomes[expectation.expectation_id]


def _native(expectation: Expectation) -> Any:
    """Make the expectation that Great Expectations knows."""
    import great_expectations.expectations as known
    from great_expectations.compatibility.pydantic import ValidationError

    place = f"Seed data_expectations, row {expectation.expectation_id}"
    names = {name.lower(): name for name in dir(known) if name.startswith("Expect")}
    name = names.get(expectation.type.replace("_", ""))
    if name is None:
        raise ExpectationError(
            f"{place}: Great Expectations has no '{expectation.type}'."
            " Its gallery lists the names, for example expect_column_values_to_be_between."
        )
    try:
        return getattr(known, name)(
            **expectation.arguments, meta={"id": expectation.expectation_id}
        )
    except (ValidationError, TypeError) as error:
        raise ExpectationError(f"{place}: `arguments` do not fit: {error}") from error


def _result(
    expectation: Expectation, outcome: dict, frame: pd.DataFrame, accept_changes: bool
) -> dict:
    result = outcome["result"]
    _raise_exceptions(expectation, outcome)
    accepted = accept_changes and expectation.kind == "drift"
    places = list(result.get("unexpected_index_list") or [])
    unexpected = int(result.get("unexpected_count") or 0)
    rows = _offending_rows(expectation, frame, places)
    examples = "; ".join(_in_words(expectation, row) for row in rows[:MAX_EXAMPLES])
    success = bool(outcome["success"])
    observed = (
        f"{unexpected:,} of {int(result['element_count']):,} rows"
        if "element_count" in result
        else str(result.get("observed_value", ""))
    )
    return {
        "expectation_id": expectation.expectation_id,
        "suite": expectation.layer,
        "kind": expectation.kind,
        "relation": expectation.relation,
        "column_name": " ".join(expectation.columns),
        "expectation": expectation.type,
        "arguments": json.dumps(expectation.arguments, ensure_ascii=False),
        "row_filter": expectation.row_filter or None,
        "severity": "warn" if accepted else expectation.severity,
        "success": success,
        "observed": observed,
        "n_rows": len(frame),
        "n_unexpected": unexpected,
        "unexpected_examples": examples or None,
        "message": None if success else _message(expectation, observed, examples),
        "why": expectation.why,
        "offending_rows": json.dumps(rows, ensure_ascii=False, default=str),
    }


def _raise_exceptions(expectation: Expectation, outcome: dict) -> None:
    """Stop where a check could not run: that is a fault of its row, no failure of the data."""
    info = outcome.get("exception_info") or {}
    found = [info] if "raised_exception" in info else list(info.values())
    for exception in found:
        if exception.get("raised_exception"):
            raise ExpectationError(
                f"Seed data_expectations, row {expectation.expectation_id}: cannot be evaluated:"
                f" {exception['exception_message']}"
            )


def _offending_rows(expectation: Expectation, frame: pd.DataFrame, places: list[int]) -> list[dict]:
    shown = list(dict.fromkeys((*expectation.key_columns, *expectation.columns)))
    rows = frame.loc[places[:MAX_OFFENDING_ROWS], shown]
    return json.loads(rows.to_json(orient="records", force_ascii=False, double_precision=12))


def _in_words(expectation: Expectation, row: dict) -> str:
    keys = " ".join(str(row[name]) for name in expectation.key_columns)
    values = ", ".join(
        f"{name} = {row[name]}"
        for name in expectation.columns
        if name not in expectation.key_columns
    )
    return f"{keys}: {values}" if keys and values else keys or values


def _message(expectation: Expectation, observed: str, examples: str) -> str:
    where = f"{expectation.relation}, column {' '.join(expectation.columns)}"
    seen = f" Such as: {examples}." if examples else ""
    remedy = (
        " If that is meant, accept it: make refresh ACCEPT=1."
        if expectation.kind == "drift" and expectation.severity == "error"
        else ""
    )
    return (
        f"{where}: {expectation.why} Found in {observed}.{seen}{remedy}"
        f" ({expectation.expectation_id})"
    )
