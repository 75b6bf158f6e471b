"""How often each method finds a group difference that does not exist.

Panels are drawn in which the treatment has one coefficient and groups are drawn at random, by city
or over time, so a test at 5% must reject in 5% of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.project import Workspace
from benchmarks.report import Section
from benchmarks.synthetic_panels import make_panel
from urban_resilience.estimation.estimators.group_differences import METHODS, compare_groups
from urban_resilience.estimation.resampling import CityCrossProducts, fit_clustered
from urban_resilience.estimation.resampling.elimination import unpack

CONTROLS = ("z1", "z2")


@dataclass(frozen=True)
class Design:
    """One kind of panel and of group."""

    title: str
    persistence: float
    city_spread: float
    group: str


DESIGNS = (
    Design("independent rows, city groups", 0.0, 0.0, "group"),
    Design("persistent rows, city groups", 0.8, 0.0, "group"),
    Design("persistent rows, groups by yearly median", 0.8, 0.0, "high"),
    Design("persistent rows, few large cities, city groups", 0.8, 0.8, "group"),
)


def simulate_size(
    design: Design, panels: int, draws: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Two-sided p-values of every method on panels without a difference.

    Parameters
    ----------
    design : Design
    panels, draws : int
        Panels simulated, and draws of each method on each panel.
    seed : int

    Returns
    -------
    p_values : (panels, methods) numpy.ndarray
        In the order of ``METHODS``.
    ratios : (panels,) numpy.ndarray
        Clustered over ordinary standard error of the treatment in the pooled regression: how far
        rows of a city are from independent.
    """
    p_values = np.empty((panels, len(METHODS)))
    ratios = np.empty(panels)
    for panel in range(panels):
        rng = np.random.default_rng([seed, panel])
        data = make_panel(rng, len(CONTROLS), design.persistence, design.city_spread)
        results = compare_groups(data, "y", "x", design.group, CONTROLS, draws=draws, seed=panel)
        p_values[panel] = [result.p_two_sided for result in results]
        ratios[panel] = _clustering(data)
    return p_values, ratios


def run(workspace: Workspace, quick: bool, progress: Callable[[str], None]) -> Section:
    """Simulate every design and lay out the rejection rates."""
    panels, draws = (50, 99) if quick else (400, 199)
    rows, data = [], []
    for design in DESIGNS:
        began = time.perf_counter()
        p_values, ratios = simulate_size(design, panels, draws)
        progress(f"{design.title}: {panels} panels in {time.perf_counter() - began:.0f} s")
        for level in (0.05, 0.10):
            rates = (p_values <= level + 1e-12).mean(axis=0)
            row = {
                "panels": design.title,
                "clustered / ordinary std. error": f"{np.median(ratios):.2f}",
                "test at": f"{100 * level:.0f}%",
            }
            rows.append(row | {m: f"{100 * r:.1f}%" for m, r in zip(METHODS, rates, strict=True)})
            data.append(row | dict(zip(METHODS, rates.tolist(), strict=True)))
    error = 100 * np.sqrt(0.05 * 0.95 / panels)
    return Section(
        name="group_difference_size",
        title="Group difference: how often each method rejects a true equality",
        paragraphs=[
            f"{panels} panels of 281 cities by 12 years per row, {draws} draws per method, "
            f"two-sided. At 5% the simulation error of a rate is {error:.1f} percentage points."
        ],
        tables=[("Share of panels in which equality is rejected", rows)],
        data={"rates": data},
    )


def _clustering(data) -> float:
    products = CityCrossProducts.from_frame(data, "y", ("x", *CONTROLS))
    clustered = fit_clustered(products)
    total = unpack(products.ordered(), products.n_nuisance + len(CONTROLS) + 2).sum(axis=0)
    inverse = np.linalg.pinv(total[:-1, :-1], rcond=1e-10, hermitian=True)
    unexplained = total[-1, -1] - total[-1, :-1] @ inverse @ total[:-1, -1]
    n_parameters = clustered.n_parameters - 1 + clustered.n_clusters
    variance = unexplained / (clustered.n_obs - n_parameters)
    ordinary = np.sqrt(variance * inverse[products.n_nuisance, products.n_nuisance])
    return float(clustered.std_errors[0] / ordinary)
