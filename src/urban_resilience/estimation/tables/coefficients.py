"""Coefficients and fits as one long table: what ``est_coefficients`` holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from importlib.metadata import version

import pyarrow as pa

from urban_resilience.estimation.fit import Diagnostics, Fit
from urban_resilience.estimation.specs import RegressionSpec
from urban_resilience.estimation.tables.schema import table_of

# Whose versions can move a number.
LIBRARIES = ("numpy", "pandas", "pyfixest", "scipy")


def _arrow_type(annotation: str) -> pa.DataType:
    types = {"str": pa.string(), "int": pa.int64(), "float": pa.float64()}
    return types[annotation.split(" ")[0]]


SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("spec_id", "table_id", "column_id", "design")),
        *((name, pa.string()) for name in ("estimator", "outcome", "treatment", "controls")),
        *((name, pa.string()) for name in ("fixed_effects", "cluster", "sample_filter")),
        *((name, pa.string()) for name in ("status", "reason", "vcov_type")),
        *((name, pa.string()) for name in ("redundant_effects", "absorbed_terms")),
        *((name, pa.string()) for name in ("rows_left_out", "library_versions")),
        *((name, pa.int64()) for name in ("n_selected", "n_obs", "n_clusters", "n_singletons")),
        *((name, pa.float64()) for name in ("r2", "r2_within")),
        *((name, pa.int64()) for name in ("n_draws", "seed")),
        *((item.name, _arrow_type(item.type)) for item in fields(Diagnostics)),
        ("term", pa.string()),
        *((name, pa.float64()) for name in ("estimate", "std_error", "statistic", "p_value")),
        *((name, pa.float64()) for name in ("conf_low", "conf_high")),
    ]
)


def to_table(fits: Iterable[tuple[RegressionSpec, Fit]]) -> pa.Table:
    """Lay fits out long: one row per term, or one row without a term where nothing was estimated.

    Typed by :data:`SCHEMA`, since a column that is null throughout has no type of its own.
    """
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    rows = []
    for spec, fit in fits:
        shared = {
            **{k: " ".join(v) if isinstance(v, tuple) else v for k, v in asdict(spec).items()},
            **{k: v for k, v in asdict(fit).items() if k not in ("coefficients", "diagnostics")},
            **asdict(fit.diagnostics),
            "library_versions": versions,
        }
        terms = [asdict(coefficient) for coefficient in fit.coefficients] or [{}]
        rows += [{**shared, **term} for term in terms]
    return table_of(rows, SCHEMA)
