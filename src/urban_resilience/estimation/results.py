"""Typed results of an estimation, and their one long table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version

import pyarrow as pa
import pyarrow.compute as pc

from urban_resilience.estimation.specs import RegressionSpec

# Whose versions can move a number.
LIBRARIES = ("numpy", "pandas", "pyfixest", "scipy")


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
class Diagnostics:
    """What single designs add to a fit; empty where the design has none.

    ``n_effective_clusters``: clusters by the variation they hold (``effective_clusters``).
    Instrumental variables: least squares, first stage and reduced form beside the two-stage fit;
    Kleibergen-Paap F, and the LM test of underidentification; effective F (Montiel Olea and
    Pflueger 2013) with its critical value; the shape and ends of the 95% Anderson-Rubin set; the
    share of the instrument's variance that the effects leave. Policy designs: units treated within
    the sample, controls, and the p-value that all leads of an event study on the same rows are
    zero, by two-way effects and by cohorts (Sun and Abraham 2021), or why there is none; cities of
    batches that do not count, counted and named. Matching: years that covariates are means
    of, largest standardized bias left (percent), units without a score, treated units without a
    match, matches that a tie left open, and what was left out in words.
    """

    n_effective_clusters: float | None = None
    ols_estimate: float | None = None
    ols_std_error: float | None = None
    first_stage_estimate: float | None = None
    first_stage_std_error: float | None = None
    reduced_form_estimate: float | None = None
    reduced_form_std_error: float | None = None
    first_stage_f: float | None = None
    kleibergen_paap_lm: float | None = None
    lm_p_value: float | None = None
    effective_f: float | None = None
    effective_f_critical: float | None = None
    anderson_rubin_shape: str | None = None
    anderson_rubin_low: float | None = None
    anderson_rubin_high: float | None = None
    instrument_surviving_share: float | None = None
    n_treated_units: int | None = None
    n_control_units: int | None = None
    pre_trend_p_value: float | None = None
    pre_trend_p_value_cohorts: float | None = None
    no_pre_trend: str | None = None
    n_left_out_pilots: int | None = None
    left_out_pilots: str | None = None
    matched_on_years: str | None = None
    max_absolute_bias: float | None = None
    n_unscored_units: int | None = None
    n_unmatched_units: int | None = None
    n_tied_matches: int | None = None
    matching_left_out: str | None = None


@dataclass(frozen=True)
class Fit:
    """What a regression says about itself; counts are rows and clusters used.

    ``redundant_effects`` names absorbed effects that change nothing, because a finer one spans
    them: a province's within city effects. ``absorbed_terms`` names main effects of an interaction
    that the effects absorb, so that the regression holds only their product. ``n_selected`` counts
    the rows that the filter selects, ``rows_left_out`` says in words where they are lost.
    """

    status: str
    reason: str | None = None
    n_obs: int | None = None
    n_clusters: int | None = None
    n_singletons: int | None = None
    r2: float | None = None
    r2_within: float | None = None
    vcov_type: str | None = None
    redundant_effects: str | None = None
    absorbed_terms: str | None = None
    n_selected: int | None = None
    rows_left_out: str | None = None
    coefficients: tuple[Coefficient, ...] = field(default=())
    diagnostics: Diagnostics = field(default=Diagnostics())


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


def long_schema(
    text: str = "", integers: str = "", numbers: str = "", flags: str = ""
) -> pa.Schema:
    """Type a table of another shape: names of each kind, separated by blanks."""
    kinds = ((text, pa.string()), (integers, pa.int64()), (numbers, pa.float64()))
    every = (*kinds, (flags, pa.bool_()))
    return pa.schema([(name, kind) for names, kind in every for name in names.split()])


def refusal(error: Exception) -> dict[str, str]:
    """Say as part of a row that nothing could be estimated, and why."""
    return {"status": "not_estimable", "reason": str(error)}


def table_of(rows: list[dict], schema: pa.Schema) -> pa.Table:
    """Lay rows out in a typed table; a number that is not one (NaN) is null, as in SQL."""
    table = pa.Table.from_pylist(rows, schema=schema)
    columns = [
        pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        if pa.types.is_floating(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, schema=schema)


def picked(item: object, *names: str) -> dict:
    """Pick attributes of an object as part of a row."""
    return {name: getattr(item, name) for name in names}


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
