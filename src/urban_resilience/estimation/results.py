"""Typed results of an estimation, and their one long table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

import pyarrow as pa

from urban_resilience.estimation.specs import RegressionSpec


@dataclass(frozen=True)
class Coefficient:
    """One estimated term with its inference."""

    term: str
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class Fit:
    """What a regression says about itself; counts are rows and clusters used."""

    status: str
    reason: str | None = None
    n_obs: int | None = None
    n_clusters: int | None = None
    n_singletons: int | None = None
    r2: float | None = None
    r2_within: float | None = None
    vcov_type: str | None = None
    coefficients: tuple[Coefficient, ...] = field(default=())


SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("spec_id", "table_id", "column_id", "design")),
        *((name, pa.string()) for name in ("estimator", "outcome", "treatment", "controls")),
        *((name, pa.string()) for name in ("fixed_effects", "cluster", "sample_filter")),
        *((name, pa.string()) for name in ("status", "reason", "vcov_type", "library_versions")),
        *((name, pa.int64()) for name in ("n_obs", "n_clusters", "n_singletons")),
        *((name, pa.float64()) for name in ("r2", "r2_within")),
        ("term", pa.string()),
        *((name, pa.float64()) for name in ("estimate", "std_error", "statistic", "p_value")),
        *((name, pa.float64()) for name in ("conf_low", "conf_high")),
    ]
)


def to_table(fits: Iterable[tuple[RegressionSpec, Fit]]) -> pa.Table:
    """Lay fits out long: one row per term, or one row without a term where nothing was estimated.

    Typed by :data:`SCHEMA`, since a column that is null throughout has no type of its own.
    """
    versions = f"pyfixest {version('pyfixest')}"
    rows = []
    for spec, fit in fits:
        shared = {
            **{k: " ".join(v) if isinstance(v, tuple) else v for k, v in asdict(spec).items()},
            **{k: v for k, v in asdict(fit).items() if k != "coefficients"},
            "library_versions": versions,
        }
        terms = [asdict(coefficient) for coefficient in fit.coefficients] or [{}]
        rows += [{**shared, **term} for term in terms]
    return pa.Table.from_pylist(rows, schema=SCHEMA)
