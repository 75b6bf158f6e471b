"""Entropy weights three ways; each function runs in a process of its own.

Every function answers with the weights in the order of the indicators it was given.
"""

from __future__ import annotations

from typing import Any

import duckdb

from benchmarks.isolated import Watch

SEED = 1948


def write_indicators(watch: Watch, path: str, n_rows: int, indicators: list[str]) -> None:
    """Write city-years with skewed positive indicators as Parquet, the same every time."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(SEED)
    with watch:
        frame = pd.DataFrame({"city_code": np.arange(n_rows).astype(str), "year": 2019})
        for position, name in enumerate(indicators):
            frame[name] = np.exp((0.2 + 0.1 * position) * rng.standard_normal(n_rows))
        frame.to_parquet(path, index=False)


def project_sql(
    watch: Watch,
    indicators: list[str],
    directions: list[str],
    path: str,
    indicator_set: str,
    sql: str,
    settings: dict[str, str],
) -> list[float]:
    """Run the compiled entropy CTEs of one pooled index on a table of the indicators."""
    connection = _connection_with_indicators(path, settings)
    connection.execute(
        "create table population as select $1 as indicator_set, * from indicator_values",
        [indicator_set],
    )
    connection.execute(
        "create table coverage as select unnest($1::varchar[]) as indicator_id, true as is_used",
        [indicators],
    )
    with watch:
        connection.execute(f"create table weights as ({sql}\n)")
    return _weights(connection, indicators)


def numpy_arrays(
    watch: Watch, indicators: list[str], directions: list[str], path: str
) -> list[float]:
    """Compute the same weights on one array of shape (n_rows, n_indicators) in memory."""
    import numpy as np
    import pandas as pd

    values = pd.read_parquet(path, columns=indicators).to_numpy()
    negative = np.array([direction == "negative" for direction in directions])
    with watch:
        lower, upper = values.min(axis=0), values.max(axis=0)
        z = np.where(negative, upper - values, values - lower) / (upper - lower)
        total = z.sum(axis=0)
        z_log_z = np.where(z > 0, z * np.log(np.where(z > 0, z, 1.0)), 0.0).sum(axis=0)
        entropy = -(z_log_z / total - np.log(total)) / np.log(len(values))
        weights = (1 - entropy) / (1 - entropy).sum()
    return weights.tolist()


def duckdb_unpivot(
    watch: Watch, indicators: list[str], directions: list[str], path: str, settings: dict[str, str]
) -> list[float]:
    """Turn the table long first, then group by indicator: the same sums, the usual shape."""
    connection = _connection_with_indicators(path, settings)
    connection.execute(
        "create table directions as select unnest($1::varchar[]) as indicator_id, "
        "unnest($2::varchar[]) as direction",
        [indicators, directions],
    )
    with watch:
        connection.execute(
            f"""
            create table weights as
            with long as (
                unpivot indicator_values on {", ".join(indicators)}
                into name indicator_id value value
            ),
            bounds as (
                select indicator_id, count(*) as n, min(value) as lower_bound,
                    max(value) as upper_bound
                from long group by indicator_id
            ),
            scores as (
                select
                    indicator_id,
                    n,
                    case when direction = 'negative' then upper_bound - value
                        else value - lower_bound end / (upper_bound - lower_bound) as z
                from long
                inner join bounds using (indicator_id)
                inner join directions using (indicator_id)
            ),
            entropies as (
                select
                    indicator_id,
                    -(sum(case when z > 0 then z * ln(z) else 0 end) / sum(z) - ln(sum(z)))
                    / ln(any_value(n)) as entropy
                from scores group by indicator_id
            )
            select indicator_id, (1 - entropy) / sum(1 - entropy) over () as weight from entropies
            """
        )
    return _weights(connection, indicators)


def _connection_with_indicators(path: str, settings: dict[str, str]) -> Any:
    """Open an in-memory DuckDB with the table loaded, as NumPy has its array."""
    connection = duckdb.connect(config=settings)
    connection.execute(f"create table indicator_values as from '{path}'")
    return connection


def _weights(connection: Any, indicators: list[str]) -> list[float]:
    rows = dict(connection.execute("select indicator_id, weight from weights").fetchall())
    return [rows[name] for name in indicators]
