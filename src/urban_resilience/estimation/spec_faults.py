"""What can be wrong with one specification, told from names and types of the panel alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from urban_resilience.estimation.effects import parse_effect
from urban_resilience.estimation.estimators.event_window import (
    EventWindowError,
    parse_event_window,
)
from urban_resilience.estimation.estimators.families import NAMES as FAMILIES
from urban_resilience.estimation.estimators.matching.rules import CITY as WHOLE_CITIES
from urban_resilience.estimation.estimators.matching.rules import MATCHING_RULES, rule_faults
from urban_resilience.estimation.estimators.matching.window import WindowError, parse_window
from urban_resilience.estimation.estimators.treatment_timing import PARTIAL_RULES, TIMINGS, TREATED
from urban_resilience.estimation.least_squares.regression_sample import VCOVS
from urban_resilience.estimation.regression_spec import CITY, RegressionSpec
from urban_resilience.shared.names import nearest
from urban_resilience.variables.origins import Origins

POLICY_FIELDS = ("policy_id", "timing", "partial_pilots")
EVENT_FIELDS = ("event_window", "reference_period", "event_ends")
MATCHING_NUMBERS = ("caliper", "neighbours", "bandwidth")
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
    "twfe": ("weights", "vcov"),
    "iv": ("weights", "vcov"),
    "interaction": ("weights", "vcov"),
    "did": ("batches", "weights", "vcov", *EVENT_FIELDS),
    "event_study": ("batches", "weights", "vcov", *EVENT_FIELDS),
    "psm_did": (
        *("batches", "vcov", "matching_window", "matching_covariates"),
        *(*MATCHING_NUMBERS, *EVENT_FIELDS),
    ),
    "placebo": (*POLICY_FIELDS, "batches"),
}
# Fields of single designs: filled where the design does not read them, they are refused.
SINGLE_FIELDS = (
    "instrument",
    *POLICY_FIELDS,
    "batches",
    "matching",
    "matching_window",
    "matching_covariates",
    *MATCHING_NUMBERS,
    *EVENT_FIELDS,
    "weights",
    "vcov",
    "moderator",
    "n_draws",
    "seed",
)
# How the published coefficient may be computed, the usual way first; every other design is least
# squares.
LEAST_SQUARES = "ols"
ESTIMATORS_OF = {"iv": ("2sls",), "twfe": (LEAST_SQUARES, *FAMILIES)}
# Designs on the one engine, which absorbs slopes of groups as it does effects.
WITH_TRENDS = ("twfe", "iv", "did", "event_study", "psm_did", "interaction")
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
# Of fewer draws no p-value is 5% or less: (r + 1) / (draws + 1) (Davidson and MacKinnon 2000). More
# is a slip of the hand that would fill the memory.
FEWEST_DRAWS, MOST_DRAWS = 19, 1_000_000
KNOWN_VALUES: dict[str, Collection[str]] = {
    "timing": TIMINGS,
    "partial_pilots": PARTIAL_RULES,
    "matching": MATCHING_RULES,
    "vcov": VCOVS,
}
# What the other variable of a design is called in words.
MODERATOR_IS = {
    "interaction": "the moderator",
    "group_difference": "the group",
    "mediation": "the mechanism",
}
AN_EXPRESSION = "; an expression is a variable: write it as a row of panel_variables"
NUMBER, TRUTH, TEXT, DATE, UNKNOWN = "a number", "true or false", "text", "a date", "unknown"


def faults_of_row(
    spec: RegressionSpec,
    panel: pd.DataFrame,
    policies: Collection[str] | None = None,
    origins: Origins | None = None,
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
    origins
        What variables are computed from; None where it is not known.

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
            _of_errors(spec),
            _of_effects(spec, panel),
            _of_policy(spec, policies),
            _of_events(spec),
            _of_matching(spec),
            _of_columns(spec, panel),
            _of_roles(spec),
            _of_origins(spec, origins),
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
    estimators = estimators_of(spec.design)
    usual = " or ".join(estimators)
    if spec.estimator not in {LEAST_SQUARES, *(e for many in ESTIMATORS_OF.values() for e in many)}:
        close = nearest(spec.estimator, estimators) if len(estimators) > 1 else ""
        yield f"unknown estimator '{spec.estimator}' (design {spec.design} uses {usual}){close}"
    elif spec.estimator not in estimators:
        able = [d for d in DESIGN_FIELDS if spec.estimator in estimators_of(d)]
        said = f" (designs of {spec.estimator}: {', '.join(able)})" if len(able) <= 3 else ""
        yield f"estimator is '{spec.estimator}', design {spec.design} uses {usual}{said}"
    is_clustered = spec.is_clustered and spec.design not in NO_CLUSTER
    clustered = ("cluster",) if is_clustered else ()
    policy = POLICY_FIELDS if _names_policy(spec) else ()
    needed = ("outcome", "treatment", *clustered, *DESIGN_FIELDS[spec.design], *policy)
    for role in dict.fromkeys(needed):
        if getattr(spec, role) in ("", None):
            or_plain = " (or write vcov HC1 or iid)" if "vcov" in reads(spec.design) else ""
            yield f"{role} is empty{or_plain if role == 'cluster' else ''}"
    for name in SINGLE_FIELDS:
        value = getattr(spec, name, "")
        if name == "vcov" and spec.is_clustered:
            continue
        if value not in ("", None, ()) and name not in reads(spec.design):
            shown = " ".join(value) if isinstance(value, tuple) else value
            said = f"{name} is '{shown}', design {spec.design} reads none: empty the cell"
            yield f"{said}{_who(name)}"
    if not spec.is_clustered and spec.cluster and spec.vcov in VCOVS:
        yield (
            f"cluster is '{spec.cluster}' beside vcov {spec.vcov}, which clusters nothing: empty "
            "one of the cells"
        )
    if spec.design in NO_CLUSTER and spec.cluster:
        yield (
            f"cluster is '{spec.cluster}', design {spec.design} has no standard error: "
            "empty the cell"
        )
    for role, known in KNOWN_VALUES.items():
        value = getattr(spec, role)
        if value and value not in known:
            yield f"unknown {role} '{value}'{nearest(value, known)}"


def estimators_of(design: str) -> tuple[str, ...]:
    """How a design may compute its coefficient, the usual way first."""
    return ESTIMATORS_OF.get(design, (LEAST_SQUARES,))


def _who(name: str) -> str:
    designs = [design for design in DESIGN_FIELDS if name in reads(design)]
    return f" (designs that do: {', '.join(designs)})"


def _names_policy(spec: RegressionSpec) -> bool:
    named = any(getattr(spec, name) for name in POLICY_FIELDS)
    return named and "policy_id" in reads(spec.design)


def _of_errors(spec: RegressionSpec) -> Iterator[str]:
    if len(spec.clusters) > 2:
        yield f"{len(spec.clusters)} clusters are named, at most two are known"


def _of_effects(spec: RegressionSpec, panel: pd.DataFrame) -> Iterator[str]:
    """Name effects that cannot be read, and slopes where a design cannot absorb them."""
    effects = []
    for text in spec.fixed_effects:
        try:
            effects.append(parse_effect(text))
        except ValueError as error:
            yield f"fixed_effects: {error}"
    slopes = [effect for effect in effects if effect.slope]
    if slopes and spec.design not in WITH_TRENDS:
        yield (
            f"design {spec.design} cannot absorb trends ('{slopes[0].trend}'; designs that can: "
            f"{', '.join(WITH_TRENDS)})"
        )
    elif slopes and not any(effect.has_levels for effect in effects):
        only = slopes[0]
        yield f"'{only.trend}' has no effect beside it: write {only.levels}[{only.slope}]"
    for effect in slopes:
        kind = _kind(panel[effect.slope]) if effect.slope in panel.columns else UNKNOWN
        if kind in (TEXT, DATE):
            yield f"'{effect.slope}' of '{effect.trend}' is {kind}, a slope is in a number"


def _of_resampling(spec: RegressionSpec) -> Iterator[str]:
    """Say what the designs on whole cities cannot do, rather than pass it over."""
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
    if spec.n_draws is not None and not FEWEST_DRAWS <= spec.n_draws <= MOST_DRAWS:
        yield f"n_draws is {spec.n_draws} ({FEWEST_DRAWS} to {MOST_DRAWS})"
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
    unknown = [name for name in spec.policies if policies is not None and name not in policies]
    for name in unknown:
        yield f"policy_id '{name}' has no pilots{nearest(name, policies or ())}"
    for name in _repeated(spec.policies):
        yield f"policy_id names '{name}' twice"
    if len(spec.policies) > 1 and spec.design not in POLICY_DESIGNS and _names_policy(spec):
        yield (
            f"policy_id names {len(spec.policies)} policies, design {spec.design} takes one "
            f"(designs of several: {', '.join(sorted(POLICY_DESIGNS))})"
        )
    if isinstance(policies, Mapping) and spec.policy and spec.policy not in unknown:
        known = sorted(policies[spec.policy])
        for batch in spec.batches:
            if batch not in known:
                said = f"batches names '{batch}', {spec.policy} has none such"
                yield f"{said}{nearest(batch, known)}"
    for batch in _repeated(spec.batches):
        yield f"batches names '{batch}' twice"


def _of_events(spec: RegressionSpec) -> Iterator[str]:
    if not set(EVENT_FIELDS) & set(reads(spec.design)):
        return
    try:
        parse_event_window(spec.event_window, spec.reference_period, spec.event_ends)
    except EventWindowError as error:
        yield str(error)


def _of_matching(spec: RegressionSpec) -> Iterator[str]:
    rule = MATCHING_RULES.get(spec.matching)
    if spec.design != "psm_did" or not rule:
        return
    yield from rule_faults(spec.matching, spec.caliper, spec.neighbours, spec.bandwidth)
    if not spec.covariates:
        yield "matching_covariates and controls are empty: there is nothing to match on"
    for name in _repeated(spec.matching_covariates):
        yield f"matching_covariates names '{name}' twice"
    if not spec.matching_window:
        return
    if rule.design != WHOLE_CITIES:
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
            remedy = "" if name.isidentifier() or name in spec.effect_columns else AN_EXPRESSION
            close = nearest(name, panel.columns)
            yield f"column '{name}' is not in fct_estimation_panel{close}{remedy}"
    roles = [("outcome", spec.outcome), ("treatment", spec.treatment)]
    roles += [("control", name) for name in spec.controls]
    roles += [("instrument", name) for name in spec.instruments]
    roles += [("matching covariate", name) for name in spec.matching_covariates]
    roles += [("weight", spec.weights)]
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
    # Rows counted by the outcome, or grouped by it, are chosen by what is to be explained.
    for field, names in (("weights", (spec.weights,)), ("cluster", spec.clusters)):
        for role, columns in taken.items():
            for name in dict.fromkeys(names):
                if name and name in columns:
                    yield f"{field} names '{name}', which is {role} of the same regression"
    for name in _repeated(spec.instruments):
        yield f"instrument names '{name}' twice"
    for instrument in dict.fromkeys(spec.instruments):
        for role, names in {**taken, "a control": spec.controls}.items():
            if instrument in names:
                yield f"instrument '{instrument}' is {role} of the same regression"
        if instrument in spec.fixed_effects:
            yield f"instrument '{instrument}' is also a fixed effect, which absorbs it wholly"
    if spec.moderator and spec.design in MODERATOR_IS:
        # Each of these designs adds the other variable to the regression itself.
        for role, names in {**taken, "a control": spec.controls}.items():
            if spec.moderator in names:
                yield f"'{spec.moderator}' is {MODERATOR_IS[spec.design]} and {role}"


def _of_origins(spec: RegressionSpec, origins: Origins | None) -> Iterator[str]:
    """Name variables that are the outcome in other words, or have its value in theirs."""
    if origins is None or not spec.outcome:
        return
    roles = [("treatment", spec.treatment)]
    roles += [("control", name) for name in spec.controls]
    roles += [("instrument", name) for name in spec.instruments]
    roles += [("moderator", spec.moderator)]
    roles += [("fixed effect", name) for name in spec.effect_columns]
    for role, name in dict.fromkeys(roles):
        if name and name != spec.outcome and origins.is_made_from(name, spec.outcome):
            yield (
                f"{role} '{name}' is computed from the outcome '{spec.outcome}', or is the same in "
                "other words: take it out, or its value of an earlier year"
            )


def _repeated(names: Collection[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if name and listed.count(name) > 1})
