"""What can be wrong with one specification, told from names and types of the panel alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from urban_resilience.estimation.estimators.matching.rules import CITY as WHOLE_CITIES
from urban_resilience.estimation.estimators.matching.rules import MATCHING_RULES
from urban_resilience.estimation.estimators.matching.window import WindowError, parse_window
from urban_resilience.estimation.estimators.treatment_timing import PARTIAL_RULES, TIMINGS, TREATED
from urban_resilience.estimation.regression_spec import CITY, RegressionSpec
from urban_resilience.shared.names import nearest

POLICY_FIELDS = ("policy_id", "timing", "partial_pilots")
# What each design needs beyond outcome, treatment, cluster and sample.
DESIGN_FIELDS: dict[str, tuple[str, ...]] = {
    "twfe": (),
    "iv": ("instrument",),
    "did": POLICY_FIELDS,
    "event_study": POLICY_FIELDS,
    "psm_did": (*POLICY_FIELDS, "matching"),
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
# What a design reads where it is given.
OPTIONAL_FIELDS: dict[str, tuple[str, ...]] = {
    "did": ("batches",),
    "event_study": ("batches",),
    "psm_did": ("batches", "matching_window"),
    "placebo": (*POLICY_FIELDS, "batches"),
}
# Fields of single designs: filled where the design does not read them, they are refused.
SINGLE_FIELDS = (
    "instrument",
    *POLICY_FIELDS,
    "batches",
    "matching",
    "matching_window",
    "moderator",
    "n_draws",
    "seed",
)
# How the published coefficient is computed; every other design is least squares.
ESTIMATOR_OF = {"iv": "2sls"}
LEAST_SQUARES = "ols"
POLICY_DESIGNS = frozenset(("did", "event_study", "psm_did"))
# Designs on cross-products of whole cities: the city's effect is always absorbed, and every level
# of another effect is a column, so effects that join columns have too many.
BY_CITY = frozenset(
    ("group_difference", "mediation", "bootstrap", "wild_bootstrap", "jackknife", "placebo")
)
# Of these, the ones whose draws are whole cities, so that no other cluster has a meaning.
CITY_IS_CLUSTER = frozenset(("group_difference", "mediation", "bootstrap", "placebo"))
# Rotemberg weights have no standard error.
NO_CLUSTER = frozenset(("shift_share",))
# More is a slip of the hand that would fill the memory.
MOST_DRAWS = 1_000_000
KNOWN_VALUES: dict[str, Collection[str]] = {
    "timing": TIMINGS,
    "partial_pilots": PARTIAL_RULES,
    "matching": MATCHING_RULES,
}
# What the other variable of a design is called in words.
MODERATOR_IS = {
    "interaction": "the moderator",
    "group_difference": "the group",
    "mediation": "the mechanism",
}
NUMBER, TRUTH, TEXT, DATE, UNKNOWN = "a number", "true or false", "text", "a date", "unknown"


def faults_of_row(
    spec: RegressionSpec, panel: pd.DataFrame, policies: Collection[str] | None = None
) -> list[str]:
    """Say in words what is wrong with one specification, but for its filter.

    Parameters
    ----------
    spec
        The row.
    panel
        The estimation panel; its rows are not read, so an empty one with types will do.
    policies
        Policies that have pilots, with the batches of each where they are known; None where
        neither is.

    Returns
    -------
    list of str
        Each fault with the field, its value and, where there are any, the nearest legal names.
    """
    return [
        fault
        for part in (
            _of_design(spec),
            _of_resampling(spec),
            _of_policy(spec, policies),
            _of_window(spec),
            _of_columns(spec, panel),
            _of_roles(spec),
        )
        for fault in part
    ]


def reads(design: str) -> tuple[str, ...]:
    """Fields of single designs that this one reads."""
    return (*DESIGN_FIELDS.get(design, ()), *OPTIONAL_FIELDS.get(design, ()))


def _of_design(spec: RegressionSpec) -> Iterator[str]:
    for name in ("spec_id", "table_id", "column_id"):
        if not getattr(spec, name):
            yield f"{name} is empty"
    if spec.design not in DESIGN_FIELDS:
        yield f"unknown design '{spec.design}'{nearest(spec.design, DESIGN_FIELDS)}"
        return
    estimator = ESTIMATOR_OF.get(spec.design, LEAST_SQUARES)
    if spec.estimator not in {LEAST_SQUARES, *ESTIMATOR_OF.values()}:
        yield f"unknown estimator '{spec.estimator}' (design {spec.design} uses {estimator})"
    elif spec.estimator != estimator:
        yield f"estimator is '{spec.estimator}', design {spec.design} uses {estimator}"
    clustered = () if spec.design in NO_CLUSTER else ("cluster",)
    policy = POLICY_FIELDS if _names_policy(spec) else ()
    needed = ("outcome", "treatment", *clustered, *DESIGN_FIELDS[spec.design], *policy)
    for role in dict.fromkeys(needed):
        if getattr(spec, role) in ("", None):
            yield f"{role} is empty"
    for name in SINGLE_FIELDS:
        value = getattr(spec, name, "")
        if value not in ("", None, ()) and name not in reads(spec.design):
            shown = " ".join(value) if isinstance(value, tuple) else value
            said = f"{name} is '{shown}', design {spec.design} reads none: empty the cell"
            yield f"{said}{_who(name)}"
    if spec.design in NO_CLUSTER and spec.cluster:
        yield (
            f"cluster is '{spec.cluster}', design {spec.design} has no standard error: "
            "empty the cell"
        )
    for role, known in KNOWN_VALUES.items():
        value = getattr(spec, role)
        if value and value not in known:
            yield f"unknown {role} '{value}'{nearest(value, known)}"


def _who(name: str) -> str:
    designs = [design for design in DESIGN_FIELDS if name in reads(design)]
    return f" (designs that do: {', '.join(designs)})"


def _names_policy(spec: RegressionSpec) -> bool:
    named = any(getattr(spec, name) for name in POLICY_FIELDS)
    return named and "policy_id" in reads(spec.design)


def _of_resampling(spec: RegressionSpec) -> Iterator[str]:
    """Say what the designs on whole cities cannot do, rather than pass it over."""
    if len(spec.clusters) > 2:
        yield f"{len(spec.clusters)} clusters are named, at most two are known"
    if spec.design not in BY_CITY:
        return
    if CITY not in spec.fixed_effects:
        yield f"design {spec.design} needs {CITY} among its fixed_effects"
    for name in spec.effects_beside_city:
        if "^" in name:
            yield f"design {spec.design} cannot absorb joined effects ('{name}')"
    if spec.design in CITY_IS_CLUSTER and spec.clusters != (CITY,):
        yield f"design {spec.design} draws whole cities: its cluster must be {CITY}"
    elif len(spec.clusters) != 1:
        yield f"design {spec.design} needs exactly one cluster"
    if spec.n_draws is not None and not 1 <= spec.n_draws <= MOST_DRAWS:
        yield f"n_draws is {spec.n_draws} (1 to {MOST_DRAWS})"
    if spec.seed is not None and spec.seed < 0:
        yield f"seed is {spec.seed}, below 0"


def _of_policy(spec: RegressionSpec, policies: Collection[str] | None) -> Iterator[str]:
    if spec.design in POLICY_DESIGNS and spec.treatment and spec.treatment != TREATED:
        yield (
            f"treatment is '{spec.treatment}', design {spec.design} estimates the effect of "
            f"policy_id: write {TREATED}"
        )
    if spec.design == "placebo" and spec.policy_id and spec.treatment != TREATED:
        yield f"treatment is '{spec.treatment}' beside a policy_id: write {TREATED}, or no policy"
    if spec.treatment == TREATED and not _names_policy(spec):
        able = ", ".join(design for design in DESIGN_FIELDS if "policy_id" in reads(design))
        yield f"treatment {TREATED} needs a policy_id, which these designs read: {able}"
    if policies is not None and spec.policy_id and spec.policy_id not in policies:
        yield f"policy_id '{spec.policy_id}' has no pilots{nearest(spec.policy_id, policies)}"
    elif isinstance(policies, Mapping) and spec.policy_id:
        known = sorted(policies[spec.policy_id])
        for batch in spec.batches:
            if batch not in known:
                said = f"batches names '{batch}', {spec.policy_id} has none such"
                yield f"{said}{nearest(batch, known)}"
    for batch in _repeated(spec.batches):
        yield f"batches names '{batch}' twice"


def _of_window(spec: RegressionSpec) -> Iterator[str]:
    """Say what is wrong with the years to match on; whether the data have them shows later."""
    if not spec.matching_window or "matching_window" not in reads(spec.design):
        return
    rule = MATCHING_RULES.get(spec.matching)
    if rule and rule.design != WHOLE_CITIES:
        yield f"matching {spec.matching} matches single years, so matching_window must be empty"
        return
    try:
        parse_window(spec.matching_window)
    except WindowError as error:
        yield str(error)


def _of_columns(spec: RegressionSpec, panel: pd.DataFrame) -> Iterator[str]:
    absent = [name for name in spec.columns if name and name not in panel.columns]
    for name in absent:
        if name != TREATED:
            yield f"column '{name}' is not in fct_estimation_panel{nearest(name, panel.columns)}"
    roles = [("outcome", spec.outcome), ("treatment", spec.treatment)]
    roles += [("control", name) for name in spec.controls]
    roles += [("instrument", spec.instrument)]
    if spec.design != "group_difference":
        roles += [("moderator", spec.moderator)]
    for role, name in roles:
        kind = _kind(panel[name]) if name in panel.columns else UNKNOWN
        if kind in (TEXT, DATE):
            yield f"{role} '{name}' is {kind}, the {role} of a regression is a number"
    group = spec.moderator if spec.design == "group_difference" else ""
    kind = _kind(panel[group]) if group in panel.columns else UNKNOWN
    if kind in (TEXT, DATE):
        flags = [name for name in panel.columns if _kind(panel[name]) == TRUTH]
        shown = f" (such as {', '.join(flags[:3])})" if flags else ""
        yield f"moderator '{group}' is {kind}; a group is a column of true and false{shown}"


def _kind(column: pd.Series) -> str:
    """Tell what a column holds; one that is empty and untyped may be anything."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return TRUTH
    if pd.api.types.is_numeric_dtype(column.dtype):
        return NUMBER
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return DATE
    inferred = pd.api.types.infer_dtype(column, skipna=True)
    kinds = {"boolean": TRUTH, "string": TEXT, "date": DATE, "datetime": DATE, "empty": UNKNOWN}
    if inferred == "empty" and isinstance(column.dtype, pd.StringDtype):
        return TEXT
    return kinds.get(inferred, NUMBER if inferred in ("integer", "floating", "decimal") else TEXT)


def _of_roles(spec: RegressionSpec) -> Iterator[str]:
    """Name columns that play two roles which exclude each other."""
    if spec.outcome and spec.outcome in spec.regressors:
        yield f"'{spec.outcome}' is on both sides of the regression"
    for name in _repeated(spec.regressors):
        yield f"'{name}' appears more than once on the right-hand side"
    for role, names in (("fixed_effects", spec.fixed_effects), ("cluster", spec.clusters)):
        for name in _repeated(names):
            yield f"{role} names '{name}' twice"
    for name in dict.fromkeys((spec.outcome, *spec.regressors)):
        if name and name in spec.fixed_effects:
            yield f"'{name}' is also a fixed effect, which absorbs it wholly"
    taken = {"the outcome": (spec.outcome,), "the treatment": (spec.treatment,)}
    if spec.instrument:
        for role, names in {**taken, "a control": spec.controls}.items():
            if spec.instrument in names:
                yield f"instrument '{spec.instrument}' is {role} of the same regression"
        if spec.instrument in spec.fixed_effects:
            yield f"instrument '{spec.instrument}' is also a fixed effect, which absorbs it wholly"
    if spec.moderator and spec.design in MODERATOR_IS:
        # Each of these designs adds the other variable to the regression itself.
        for role, names in {**taken, "a control": spec.controls}.items():
            if spec.moderator in names:
                yield f"'{spec.moderator}' is {MODERATOR_IS[spec.design]} and {role}"


def _repeated(names: Collection[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if name and listed.count(name) > 1})
