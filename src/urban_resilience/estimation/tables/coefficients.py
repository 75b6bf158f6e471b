"""Coefficients and fits as one long table: what ``est_coefficients`` holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from functools import cache
from importlib.metadata import version

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.designs import fit, match
from urban_resilience.estimation.estimators.matching.matched_did import (
    MatchedDifferenceInDifferencesResult,
)
from urban_resilience.estimation.fit import Diagnostics, Fit, NotEstimableError, refusal
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.selection import remembered_selections
from urban_resilience.estimation.tables.matching import (
    COVARIATE_BALANCE,
    MATCHED_UNITS,
    balance_rows,
    unit_rows,
)
from urban_resilience.estimation.tables.schema import list_of, nested, table_of

# Whose versions can move a number.
LIBRARIES = ("numpy", "pandas", "pyfixest", "scipy")


def _arrow_type(annotation: str) -> pa.DataType:
    types = {"str": pa.string(), "int": pa.int64(), "float": pa.float64()}
    return types[annotation.split(" ")[0]]


SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("spec_id", "status", "reason", "vcov_type")),
        *((name, pa.string()) for name in ("redundant_effects", "absorbed_terms")),
        *((name, pa.string()) for name in ("rows_left_out", "library_versions")),
        *((name, pa.int64()) for name in ("n_selected", "n_obs", "n_clusters", "n_singletons")),
        *((name, pa.float64()) for name in ("r2", "r2_within")),
        *((item.name, _arrow_type(str(item.type))) for item in fields(Diagnostics)),
        ("term", pa.string()),
        *((name, pa.float64()) for name in ("estimate", "std_error", "statistic", "p_value")),
        *((name, pa.float64()) for name in ("conf_low", "conf_high")),
        ("covariate_balance", list_of(COVARIATE_BALANCE)),
        ("matched_units", list_of(MATCHED_UNITS)),
    ]
)


def tabulate_coefficients(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Fit every specification (grain: spec x term; one row without a term where refused).

    What matching found stands in the first row of a matched specification, as lists.
    """
    rows: list[dict] = []
    with remembered_selections(panel):
        for spec in specs:
            matches: MatchedDifferenceInDifferencesResult | None = None
            beside: dict[str, list[dict]] = {}
            if spec.design == "psm_did":
                matches, beside = _matched(spec, panel, timing)
            first, *others = rows_of(spec, fit(spec, panel, timing, matches))
            rows += [{**first, **beside}, *others]
    return table_of(rows, SCHEMA)


def rows_of(spec: RegressionSpec, fit: Fit) -> list[dict]:
    """Lay a fit out long: a row per term, or one without a term where nothing was estimated.

    Of the specification only its name: the seed has the rest.
    """
    shared = {
        "spec_id": spec.spec_id,
        **{k: v for k, v in asdict(fit).items() if k not in ("coefficients", "diagnostics")},
        **asdict(fit.diagnostics),
        "library_versions": _library_versions(),
    }
    terms = [asdict(coefficient) for coefficient in fit.coefficients] or [{}]
    return [{**shared, **term} for term in terms]


@cache
def _library_versions() -> str:
    """Name the versions once: each is read from a file of its own."""
    return ", ".join(f"{name} {version(name)}" for name in LIBRARIES)


def _matched(
    spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame
) -> tuple[MatchedDifferenceInDifferencesResult, dict[str, list[dict]]]:
    try:
        found = match(spec, panel, timing)
    except NotEstimableError as error:
        found = MatchedDifferenceInDifferencesResult(**refusal(error))
    return found, {
        "covariate_balance": nested(balance_rows(found), COVARIATE_BALANCE),
        "matched_units": nested(unit_rows(found), MATCHED_UNITS),
    }
