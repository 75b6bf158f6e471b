"""Matching rules by name, as seed ``regression_specs`` writes them."""

from __future__ import annotations

from dataclasses import dataclass, replace

ONE_TO_ONE, NEAREST, KERNEL = "one_to_one", "nearest", "kernel"
CITY, BY_YEAR, POOLED = "city", "by_year", "pooled"


@dataclass(frozen=True)
class MatchingRule:
    """How treated units find their comparison.

    Attributes
    ----------
    name
        As in ``MATCHING_RULES``.
    method
        ``one_to_one`` (nearest, without replacement), ``nearest`` (k nearest, with replacement) or
        ``kernel`` (Epanechnikov).
    design
        ``city``: one row per unit, means of the years before treatment. ``by_year``: each year on
        its own, the usual practice, which conditions on covariates that treatment may have moved.
        ``pooled``: all unit-years in one.
    neighbours
        k of ``nearest``; ``k_nearest`` takes that of the row, 1 where it says none.
    caliper
        Largest distance of ``one_to_one`` and ``nearest``.
    caliper_scale
        ``score``: distance and caliper in propensity scores. ``logit_sd``: distance in logits,
        caliper in their standard deviations (Austin 2011).
    bandwidth
        Of the kernel, in propensity scores.
    """

    name: str
    method: str
    design: str = CITY
    neighbours: int = 1
    caliper: float = 0.05
    caliper_scale: str = "score"
    bandwidth: float = 0.06


_METHODS = (
    MatchingRule("nearest", ONE_TO_ONE),
    MatchingRule("nearest_logit_caliper", ONE_TO_ONE, caliper=0.2, caliper_scale="logit_sd"),
    MatchingRule("four_nearest", NEAREST, neighbours=4),
    MatchingRule("k_nearest", NEAREST),
    MatchingRule("kernel", KERNEL),
)
# Each method in each design: nearest, nearest_by_year, nearest_pooled, ...
MATCHING_RULES: dict[str, MatchingRule] = {
    name: replace(method, name=name, design=design)
    for method in _METHODS
    for design in (CITY, BY_YEAR, POOLED)
    for name in [method.name if design == CITY else f"{method.name}_{design}"]
}
# What the rows of a study may say beside the name of a rule, by the methods that read it.
READ_BY = {
    "caliper": (ONE_TO_ONE, NEAREST),
    "neighbours": (NEAREST,),
    "bandwidth": (KERNEL,),
}


def adjusted_rule(
    name: str,
    caliper: float | None = None,
    neighbours: int | None = None,
    bandwidth: float | None = None,
) -> MatchingRule:
    """Take a rule by its name, with a caliper, neighbours or bandwidth of the study's own."""
    rule = MATCHING_RULES[name]
    return replace(
        rule,
        caliper=rule.caliper if caliper is None else caliper,
        neighbours=rule.neighbours if neighbours is None else neighbours,
        bandwidth=rule.bandwidth if bandwidth is None else bandwidth,
    )


def rule_faults(
    name: str, caliper: float | None, neighbours: int | None, bandwidth: float | None
) -> list[str]:
    """Say what is wrong with the numbers beside a rule that is known."""
    rule, faults = MATCHING_RULES[name], []
    stated = {"caliper": caliper, "neighbours": neighbours, "bandwidth": bandwidth}
    for key, value in stated.items():
        if value is None:
            continue
        if rule.method not in READ_BY[key]:
            able = [other.name for other in _METHODS if other.method in READ_BY[key]]
            faults.append(
                f"{key} is {value:g}, matching {name} reads none: empty the cell "
                f"(rules that do: {', '.join(able)})"
            )
        elif not value > 0:
            faults.append(f"{key} is {value:g}, it must be above 0")
    return faults
