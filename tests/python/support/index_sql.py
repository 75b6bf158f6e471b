"""The project's own SQL of indices on rows that a test makes up, without dbt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pandas as pd

from urban_resilience.intake.checking.project_sql import ProjectSql

MODELS = ("int_index_weights", "int_index_dimension_scores", "int_index_scores")
INDEX = {
    "indicator_set": "toys",
    "direction": "used",
    "normalization": "min_max",
    "weighting": "equal",
    "aggregation": "weighted_sum",
    "scope": "pooled",
    "zero_shift": 0,
    "score_floor": 0,
}
MEMBER = {
    "indicator_set": "toys",
    "dimension": "first",
    "direction_as_printed": "positive",
    "direction_used": "positive",
    "given_weight": None,
}


def index_rows(*rows: Mapping) -> list[dict]:
    """Rows of index_definitions: what is not said is the plainest index."""
    return [{**INDEX, "index_id": f"index_{number}", **row} for number, row in enumerate(rows)]


def member_rows(*rows: Mapping) -> list[dict]:
    """Rows of index_indicators, of one set and dimension unless they say otherwise."""
    return [{**MEMBER, **row} for row in rows]


def index_tables(
    population: pd.DataFrame,
    members: Sequence[Mapping],
    indices: Sequence[Mapping],
    unused: Sequence[str] = (),
) -> dict[str, pd.DataFrame]:
    """Weights, dimension scores and scores as the models compute them.

    Parameters
    ----------
    population
        Rows of ``int_index_population``: ``city_code``, ``year`` and the indicators, of set
        ``toys`` unless it has a column ``indicator_set``.
    unused
        Indicators that coverage leaves out.
    """
    names = list(dict.fromkeys(member["indicator_id"] for member in members))
    coverage = {"indicator_id": names, "is_used": [name not in unused for name in names]}
    definitions = pd.DataFrame(indices) if indices else pd.DataFrame(columns=["index_id", *INDEX])
    given = {
        "int_index_population": pd.DataFrame({"indicator_set": "toys"} | dict(population.items())),
        "int_indicator_coverage": pd.DataFrame(coverage).astype(
            {"indicator_id": str, "is_used": bool}
        ),
        "index_definitions": definitions.astype({"index_id": str, "aggregation": str}),
    }
    return model_tables(MODELS, given, indices=list(indices), index_indicators=list(members))


def model_tables(
    models: Sequence[str], given: Mapping[str, pd.DataFrame], **answers: object
) -> dict[str, pd.DataFrame]:
    """Models of the project over relations that are given.

    Parameters
    ----------
    answers
        What macros return, by their names: as the overrides of a unit test of dbt.
    """
    with duckdb.connect() as connection:
        project = ProjectSql(connection)
        for name, rows in given.items():
            connection.register("rows_given", rows)
            connection.execute(f"create table {name} as select * from rows_given")
            connection.unregister("rows_given")
            project._made.add(name)
        for name, answer in answers.items():
            project._environment.globals[name] = lambda *_, answer=answer: answer
        return {
            model: connection.execute(f"select * from {project.relation(model)}").df()
            for model in models
        }
