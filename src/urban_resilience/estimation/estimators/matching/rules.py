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
        k of ``nearest``.
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
    MatchingRule("kernel", KERNEL),
)
# Each method in each design: nearest, nearest_by_year, nearest_pooled, ...
MATCHING_RULES: dict[str, MatchingRule] = {
    name: replace(method, name=name, design=design)
    for method in _METHODS
    for design in (CITY, BY_YEAR, POOLED)
    for name in [method.name if design == CITY else f"{method.name}_{design}"]
}
