"""A study of a few rows: its definitions compiled, and their SQL run on a small table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import duckdb
import numpy as np
import pandas as pd

from urban_resilience.variables.catalog import KEYS, TEXT, TRUTH, YEAR, Catalog, Source
from urban_resilience.variables.compile import Step
from urban_resilience.variables.definitions import INDICATORS, VARIABLES, Definition
from urban_resilience.variables.study_variables import (
    EARLY_STAGE,
    INDICATOR_STAGE,
    LATE_STAGE,
    StudyVariables,
    compile_definitions,
)

STAGES = (INDICATOR_STAGE, EARLY_STAGE, LATE_STAGE)
SOURCES = (
    *(Source("key", name, kind, is_early=True) for name, kind in KEYS.items()),
    *(Source("series", name, column=name, needs=(name,), is_early=True) for name in "xyz"),
    Source("national", "users", column="users", needs=("national_series",), is_early=True),
    Source("group", "coast", TRUTH, column="coast", is_early=True),
    Source("place", "altitude", column="altitude", is_early=True),
    Source("place", "province", TEXT, column="province_name_en", is_early=True),
    Source("policy", "trial_year", YEAR, "trial", "first_full_year"),
    Source("index", "score", column="score", needs=("indicators:wealth",)),
    Source("index", "score.part", column="score", dimension="part", needs=("indicators:wealth",)),
    Source("measure", "reach", relation="fct_reach", column="reach", needs=("members",),
           is_known_before_sample=True),
    Source("measure", "later", relation="fct_reach", column="later", needs=("members",)),
)  # fmt: skip


def compiled(
    variables: Mapping[str, str | Definition],
    indicators: Mapping[str, str] | None = None,
    sources: Iterable[Source] = SOURCES,
) -> StudyVariables:
    """Compile expressions by name; indicators are among the sources of variables."""
    indicators = indicators or {}
    listed = [
        item if isinstance(item, Definition) else Definition(VARIABLES, name, item, position)
        for position, (name, item) in enumerate(variables.items(), 1)
    ]
    defined = [Definition(INDICATORS, name, text) for name, text in indicators.items()]
    known = [Source("indicator", name, column=name, is_early=True) for name in indicators]
    return compile_definitions(Catalog([*sources, *known]), listed, defined)


def faults(variables: Mapping[str, str | Definition], **options) -> list[tuple[str, str]]:
    """Return (row, fault) of everything that is wrong."""
    return [(name, fault) for _, name, fault in compiled(variables, **options).faults]


def run(study: StudyVariables, data: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compute every stage in DuckDB from the SQL that was compiled.

    Parameters
    ----------
    study
        Without faults.
    data
        Grids (n_cities, n_years) of sources by name, alike for every stage.

    Returns
    -------
    dict of ndarray
        Definitions by name, as numbers (true is 1) or text.
    """
    assert study.faults == ()
    shape = next(iter(data.values())).shape
    grids = {source: np.asarray(grid) for source, grid in data.items()}
    found: dict[str, np.ndarray] = {}
    for stage in STAGES:
        steps = study.steps[stage]
        inputs = {
            step.column: grids[step.source.name]
            for step in steps
            if step.source and step.source.kind != "key"
        }
        for name, grid in _run_stage(steps, inputs, shape).items():
            grids[name] = found[name] = grid
    return found


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def _run_stage(
    steps: Sequence[Step], inputs: Mapping[str, np.ndarray], shape: tuple[int, int]
) -> dict[str, np.ndarray]:
    n_cities, n_years = shape
    table = pd.DataFrame(
        {
            "city_code": np.repeat([f"c{city:03d}" for city in range(n_cities)], n_years),
            "year": np.tile(np.arange(2001, 2001 + n_years), n_cities),
        }
    )
    truths = {step.column for step in steps if step.source and step.source.data_type == TRUTH}
    for name, grid in inputs.items():
        cells = pd.Series(np.broadcast_to(grid, shape).reshape(-1))
        table[name] = cells.astype(object) if grid.dtype == object else cells
    # Rows come in no order, as they do in a warehouse.
    table = table.sample(frac=1, random_state=3)
    columns = [
        f"cast(cast({name} as double) as boolean) as {name}"
        if name in truths
        else f"case when isnan({name}) then null else {name} end as {name}"
        if table[name].dtype == float
        else name
        for name in table
    ]
    query = f"select {', '.join(columns)} from given"
    for layer in sorted({step.layer for step in steps if step.layer}):
        written = [f"{step.sql} as {step.column}" for step in steps if step.layer == layer]
        query = f"select *, {', '.join(written)} from ({query})"
    with _database().cursor() as connection:
        connection.register("given", table.assign(year=table["year"].astype("int32")))
        rows = connection.sql(f"select * from ({query}) order by city_code, year").df()
    made = [step.column for step in steps if step.layer and not step.column.startswith("_step_")]
    return {name.removeprefix("_indicator_"): _grid(rows[name], shape) for name in made}


def _grid(cells: pd.Series, shape: tuple[int, int]) -> np.ndarray:
    if pd.api.types.is_string_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        texts = cells.astype(object).where(cells.notna(), None)
        if any(isinstance(text, str) for text in texts):
            return texts.to_numpy(dtype=object).reshape(shape)
    return (
        pd.to_numeric(cells.astype("Float64"), errors="raise")
        .to_numpy(dtype=float, na_value=np.nan)
        .reshape(shape)
    )


def value(expression: str, data: Mapping[str, np.ndarray]) -> np.ndarray:
    """Compute one expression from the SQL that it becomes."""
    return run(compiled({"answer": expression}), data)["answer"]
