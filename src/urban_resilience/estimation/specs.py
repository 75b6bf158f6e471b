"""Regression specifications: rows of seed ``regression_specs``, checked before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import MISSING, dataclass, fields

import pandas as pd

from urban_resilience.estimation.matching.rules import CITY as WHOLE_CITIES
from urban_resilience.estimation.matching.rules import MATCHING_RULES
from urban_resilience.estimation.matching.window import WindowError, parse_window
from urban_resilience.estimation.sample_filter import SampleFilterError, satisfied
from urban_resilience.estimation.treatment_timing import PARTIAL_RULES, TIMINGS, TREATED

ESTIMATORS = ("ols", "2sls")

# What each design needs beyond outcome, treatment, cluster and sample.
DESIGN_FIELDS: dict[str, tuple[str, ...]] = {
    "twfe": (),
    "iv": ("instrument",),
    "did": ("policy_id", "timing", "partial_pilots"),
    "event_study": ("policy_id", "timing", "partial_pilots"),
    "psm_did": ("policy_id", "timing", "partial_pilots", "matching"),
    "group_difference": ("moderator", "n_draws", "seed"),
    "mediation": ("moderator", "n_draws", "seed"),
    "interaction": ("moderator",),
    "bootstrap": ("n_draws", "seed"),
    "wild_bootstrap": ("n_draws", "seed"),
    "jackknife": (),
    "placebo": ("n_draws", "seed"),
    "shift_share": (),
    "specification_curve": (),
}
POLICY_FIELDS = ("policy_id", "timing", "partial_pilots")
# Designs on cross-products of whole cities: the city's effect is always absorbed, and every level
# of another effect is a column, so effects that join columns have too many.
BY_CITY = frozenset(
    ("group_difference", "mediation", "bootstrap", "wild_bootstrap", "jackknife", "placebo")
)
# Of these, the ones whose draws are whole cities, so that no other cluster has a meaning.
CITY_IS_CLUSTER = frozenset(("group_difference", "mediation", "bootstrap", "placebo"))
CITY = "city_code"
# More is a slip of the hand that would fill the memory.
MOST_DRAWS = 1_000_000
KNOWN_VALUES: dict[str, Collection[str]] = {
    "timing": TIMINGS,
    "partial_pilots": PARTIAL_RULES,
    "matching": MATCHING_RULES,
}


class SpecError(ValueError):
    """One or more rows of ``regression_specs`` are wrong; the message names each row and fault."""


@dataclass(frozen=True)
class RegressionSpec:
    """One regression.

    Names are columns of the estimation panel. A fixed effect may join two of them
    (``province^year``); ``cluster`` holds one or two names; ``sample_filter`` is a SQL condition.
    The remaining fields belong to single designs and are empty elsewhere: ``instrument`` (iv),
    ``policy_id``, ``timing`` and ``partial_pilots`` (did, event_study, psm_did, and a placebo whose
    treatment is a policy), ``matching`` and ``matching_window`` (psm_did, the window may be empty),
    ``moderator`` (interaction, group_difference, mediation: the other variable of the design),
    ``n_draws`` and ``seed`` (everything that draws).
    """

    spec_id: str
    table_id: str
    column_id: str
    design: str
    estimator: str
    outcome: str
    treatment: str
    controls: tuple[str, ...]
    fixed_effects: tuple[str, ...]
    cluster: str
    sample_filter: str
    instrument: str = ""
    policy_id: str = ""
    timing: str = ""
    partial_pilots: str = ""
    matching: str = ""
    moderator: str = ""
    matching_window: str = ""
    n_draws: int | None = None
    seed: int | None = None

    @property
    def clusters(self) -> tuple[str, ...]:
        """The one or two columns that standard errors are clustered by."""
        return tuple(self.cluster.split())

    @property
    def effect_columns(self) -> tuple[str, ...]:
        """Columns behind the fixed effects, joined ones taken apart."""
        return tuple(name for effect in self.fixed_effects for name in effect.split("^"))

    @property
    def effects_beside_city(self) -> tuple[str, ...]:
        """Fixed effects other than the city's, for designs that always absorb that one."""
        return tuple(effect for effect in self.fixed_effects if effect != CITY)

    @property
    def regressors(self) -> tuple[str, ...]:
        """Treatment first, then the controls."""
        return (self.treatment, *self.controls)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every panel column the regression reads, each once."""
        named = (self.outcome, *self.regressors, *self.effect_columns, *self.clusters)
        extra = (self.instrument, self.moderator)
        names = dict.fromkeys((*named, *(name for name in extra if name)))
        return tuple(name for name in names if not (self.policy_id and name == TREATED))


def parse_specs(rows: pd.DataFrame) -> list[RegressionSpec]:
    """Read seed rows into specifications, in the order of their ``spec_id``.

    Parameters
    ----------
    rows
        Rows of ``regression_specs``; absent values are null or empty.

    Returns
    -------
    list of RegressionSpec
    """
    missing = [
        field.name
        for field in fields(RegressionSpec)
        if field.default is MISSING and field.name not in rows.columns
    ]
    if missing:
        raise SpecError(f"seed regression_specs has no column {', '.join(missing)}")
    names = [field.name for field in fields(RegressionSpec) if field.name in rows.columns]
    text = rows[names].astype("object").where(rows[names].notna(), "").astype(str)
    text = text.apply(lambda column: column.str.strip()).sort_values("spec_id")
    return [
        RegressionSpec(**{name: _parsed(row["spec_id"], name, row[name]) for name in row})
        for row in text.to_dict("records")
    ]


def _parsed(spec_id: str, name: str, value: str) -> str | int | tuple[str, ...] | None:
    if name in ("controls", "fixed_effects"):
        return tuple(value.split())
    if name in ("n_draws", "seed"):
        try:
            return int(float(value)) if value else None
        except (ValueError, OverflowError):
            message = f"seed regression_specs: {spec_id}: {name} '{value}' is no whole number"
            raise SpecError(message) from None
    return value


def faults_of(spec: RegressionSpec, panel: pd.DataFrame) -> list[str]:
    """Say in words everything that is wrong with one specification (empty when nothing is)."""
    faults = _faults_of_columns(spec, panel.columns)
    filter_fault = _filter_fault(spec.sample_filter, panel)
    if filter_fault:
        faults.append(f"sample_filter does not work: {filter_fault}")
    return faults


def _faults_of_columns(spec: RegressionSpec, columns: Collection[str]) -> list[str]:
    faults = []
    if spec.estimator not in ESTIMATORS:
        faults.append(f"unknown estimator '{spec.estimator}' (known: {', '.join(ESTIMATORS)})")
    if spec.design not in DESIGN_FIELDS:
        faults.append(f"unknown design '{spec.design}' (known: {', '.join(DESIGN_FIELDS)})")
    policy = POLICY_FIELDS if spec.policy_id else ()
    needed = ("outcome", "treatment", "cluster", *DESIGN_FIELDS.get(spec.design, ()), *policy)
    for role in dict.fromkeys(needed):
        if not getattr(spec, role):
            faults.append(f"{role} is empty")
    if len(spec.clusters) > 2:
        faults.append(f"{len(spec.clusters)} clusters are named, at most two are known")
    faults += _faults_of_resampling(spec)
    faults += _faults_of_window(spec)
    faults += [
        f"column '{name}' is not in fct_estimation_panel"
        for name in spec.columns
        if name and name not in columns
    ]
    if spec.outcome and spec.outcome in spec.regressors:
        faults.append(f"'{spec.outcome}' is on both sides of the regression")
    repeated = {name for name in spec.regressors if spec.regressors.count(name) > 1}
    faults += [f"'{name}' appears more than once on the right-hand side" for name in repeated]
    faults += [
        f"unknown {role} '{getattr(spec, role)}' (known: {', '.join(known)})"
        for role, known in KNOWN_VALUES.items()
        if getattr(spec, role) and getattr(spec, role) not in known
    ]
    return faults


def _faults_of_resampling(spec: RegressionSpec) -> list[str]:
    """Say what the designs on whole cities cannot do, rather than pass it over."""
    if spec.design not in BY_CITY:
        return []
    faults = []
    if CITY not in spec.fixed_effects:
        faults.append(f"design {spec.design} needs {CITY} among its fixed_effects")
    joined = [effect for effect in spec.effects_beside_city if "^" in effect]
    faults += [f"design {spec.design} cannot absorb joined effects ('{name}')" for name in joined]
    if spec.design in CITY_IS_CLUSTER and spec.clusters != (CITY,):
        faults.append(f"design {spec.design} draws whole cities: its cluster must be {CITY}")
    elif len(spec.clusters) != 1:
        faults.append(f"design {spec.design} needs exactly one cluster")
    if spec.n_draws is not None and not 1 <= spec.n_draws <= MOST_DRAWS:
        faults.append(f"n_draws is {spec.n_draws} (1 to {MOST_DRAWS})")
    if spec.seed is not None and spec.seed < 0:
        faults.append(f"seed is {spec.seed}, below 0")
    return faults


def _faults_of_window(spec: RegressionSpec) -> list[str]:
    """Say what is wrong with the years to match on; whether the data have them shows later."""
    if not spec.matching_window:
        return []
    rule = MATCHING_RULES.get(spec.matching)
    if rule and rule.design != WHOLE_CITIES:
        return [f"matching {spec.matching} matches single years, so matching_window must be empty"]
    try:
        parse_window(spec.matching_window)
    except WindowError as error:
        return [str(error)]
    return []


def validate_specs(specs: Iterable[RegressionSpec], panel: pd.DataFrame) -> None:
    """Raise one :class:`SpecError` that lists every fault of every specification."""
    specs = list(specs)
    # Many regressions share a sample: each filter is tried once.
    filters = dict.fromkeys(spec.sample_filter for spec in specs)
    filter_faults = {text: _filter_fault(text, panel) for text in filters}
    messages = [
        f"{spec.spec_id}: {fault}"
        for spec in specs
        for fault in _faults_of_columns(spec, panel.columns)
    ]
    messages += [
        f"{spec.spec_id}: sample_filter does not work: {filter_faults[spec.sample_filter]}"
        for spec in specs
        if filter_faults[spec.sample_filter]
    ]
    messages += [f"{spec_id}: spec_id is used twice" for spec_id in _repeated(specs)]
    if messages:
        raise SpecError("seed regression_specs: " + "; ".join(messages))


def specs_of(
    design: str | Collection[str], rows: pd.DataFrame, panel: pd.DataFrame
) -> list[RegressionSpec]:
    """Specifications of one design or several, after every row of the seed passed its checks.

    All rows are checked, whatever their design: a bad row stops the build before any estimate.
    """
    specs = parse_specs(rows)
    validate_specs(specs, panel)
    wanted = (design,) if isinstance(design, str) else tuple(design)
    return [spec for spec in specs if spec.design in wanted]


def _filter_fault(sample_filter: str, panel: pd.DataFrame) -> str | None:
    if not sample_filter:
        return None
    try:
        satisfied(panel, sample_filter)
    except SampleFilterError as error:
        return str(error)
    return None


def _repeated(specs: Collection[RegressionSpec]) -> list[str]:
    ids = [spec.spec_id for spec in specs]
    return sorted({spec_id for spec_id in ids if ids.count(spec_id) > 1})
