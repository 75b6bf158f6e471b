"""Designs of the coverage simulation: a kind of panel, and the estimators that read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.coverage_panels import (
    KnownPanel,
    draw_instrument_panel,
    draw_mechanism_panel,
    draw_policy_panel,
    draw_province_panel,
    draw_selected_panel,
    draw_slope_panel,
    growing_effect,
    no_effect,
)
from benchmarks.coverage_readings import (
    Reading,
    read_instrument,
    read_matched,
    read_mechanism,
    read_placebo,
    read_policy,
    read_province,
    read_slope,
)


@dataclass(frozen=True)
class Design:
    """One kind of panel and the estimators that read it.

    Attributes
    ----------
    title
    draw
        From a generator to a panel.
    read
        From a panel to one reading per estimator.
    sound
        Estimators whose bias should be nothing and whose coverage 95%: those that bars judge.
    has_mean
        False with instruments: with one of them two-stage least squares has no mean (Kinal 1980),
        so medians and quartiles stand in.
    """

    title: str
    draw: Callable[[np.random.Generator], KnownPanel]
    read: Callable[[KnownPanel], dict[str, Reading]]
    sound: tuple[str, ...] = ()
    has_mean: bool = True


DESIGNS = (
    Design("slope", draw_slope_panel, read_slope, ("twfe", "city bootstrap", "jackknife")),
    Design("slope, few large cities", partial(draw_slope_panel, city_spread=0.8), read_slope),
    Design(
        "slope, errors shared in provinces",
        draw_province_panel,
        read_province,
        ("wild rademacher", "wild webb"),
    ),
    Design(
        "instrument, strong",
        partial(draw_instrument_panel, first_stage=0.9),
        read_instrument,
        ("2sls", "anderson-rubin set"),
        has_mean=False,
    ),
    Design(
        "instrument, weak",
        partial(draw_instrument_panel, first_stage=0.12),
        read_instrument,
        ("anderson-rubin set",),
        has_mean=False,
    ),
    Design(
        "policy, one effect",
        draw_policy_panel,
        read_policy,
        ("did", "two-way event study", "sun-abraham"),
    ),
    Design(
        "policy, effects grow and differ",
        partial(draw_policy_panel, effect=growing_effect),
        read_policy,
        ("sun-abraham",),
    ),
    Design(
        "policy, no effect",
        partial(draw_policy_panel, effect=no_effect),
        read_placebo,
        ("did", "placebo"),
    ),
    Design(
        "policy, selected on traits",
        draw_selected_panel,
        read_matched,
        ("psm-did, nearest", "psm-did, kernel"),
    ),
    Design(
        "mechanism, both paths",
        partial(draw_mechanism_panel, first=0.3, second=0.3),
        read_mechanism,
        ("beside treatment, city bootstrap", "beside treatment, sobel"),
    ),
    Design(
        "mechanism, no path",
        partial(draw_mechanism_panel, first=0.0, second=0.0),
        read_mechanism,
    ),
)
