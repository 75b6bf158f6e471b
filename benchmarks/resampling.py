"""Resampling schemes beside loops of feols on the same draws, and beside wildboottest.

Ours is timed from the data frame to the last number, drawing included. A loop takes a few draws
after a warm-up and is scaled to the same number; agreement is measured on those draws, with the
loop's demeaning made exact.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.bars import Bar, ratio
from benchmarks.project import Workspace
from benchmarks.report import Section, seconds, times
from benchmarks.resampling_peers import CONTROLS, EXACT, REGRESSORS, FeolsLoops, WildBootTest
from benchmarks.synthetic_panels import make_panel
from urban_resilience.estimation.group_differences import DRAWS_OF as DIFFERENCES
from urban_resilience.estimation.group_differences import GroupComparison
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    PlaceboProducts,
    bootstrap_cities,
    bootstrap_rows,
    jackknife_cities,
    permute_labels,
    treatment_paths,
    wild_cluster_bootstrap,
    wild_weights,
)

DRAWS = 1000
SEED = 1
YEARS = range(2008, 2020)


@dataclass(frozen=True)
class Scheme:
    """Ours, the loop on the same draws, and the ratio to reach."""

    title: str
    ours: Callable[[], np.ndarray]
    loop: Callable[[FeolsLoops], Iterator[float]]
    draws: int = DRAWS
    bar: float | None = None


def run(workspace: Workspace, quick: bool, progress: Callable[[str], None]) -> Section:
    """Time every scheme and lay the ratios out."""
    data = make_panel(np.random.default_rng(SEED)).sort_values(["city_code", "year"])
    data = data.reset_index(drop=True)
    timed, exact = FeolsLoops(data), FeolsLoops(data, EXACT)
    timed.first(data)  # the first call compiles
    n_loop, n_agree = (4, 2) if quick else (20, 5)
    rows, bars, record = [], [], {}
    for scheme in schemes(data):
        values, ours = _median_time(scheme.ours, 5)
        _, loop = _timed(lambda s=scheme: _take(s.loop(timed), n_loop))
        loop *= scheme.draws / n_loop
        expected = _take(scheme.loop(exact), n_agree)
        distance = float(np.abs(values[:n_agree] - expected).max())
        progress(f"{scheme.title}: {times(ratio(loop, ours))}")
        rows.append(
            {
                "scheme": scheme.title,
                "draws": str(scheme.draws),
                "this library": seconds(ours),
                "loop of feols": seconds(loop),
                "ratio": times(ratio(loop, ours)),
                "largest distance": f"{distance:.0e}",
            }
        )
        record[scheme.title] = {"ours": ours, "loop": loop, "distance": distance}
        if scheme.bar:
            bars.append(Bar(scheme.title, ratio(loop, ours), scheme.bar, at_most=False))
    bars.append(Bar("largest distance", max(r["distance"] for r in record.values()), 1e-8, unit=""))
    paragraph, wild_rows, wild_bars = _beside_wildboottest(data, quick, progress)
    return Section(
        name="resampling",
        title="Resampling: one matrix product per scheme, beside a loop of feols",
        paragraphs=[
            f"{len(data)} rows of {data['city_code'].nunique()} cities, {len(REGRESSORS)} "
            f"regressors, city and year effects. Loops: {n_loop} draws, scaled. Distance: of "
            "coefficients (of t for the wild bootstrap) on the same draws.",
            paragraph,
        ],
        tables=[("Beside loops of feols", rows), ("Beside wildboottest, warm", wild_rows)],
        bars=[*bars, *wild_bars],
        data={"schemes": record},
    )


def schemes(data: pd.DataFrame) -> list[Scheme]:
    """Every scheme with its loop; both draw from a generator of the same seed."""
    n_cities, n_rows = data["city_code"].nunique(), len(data)
    labels = data.groupby("city_code")["group"].first().to_numpy()
    first = data.groupby("city_code")["first_treated"].first()
    paths = treatment_paths(first, YEARS)
    in_group = data["group"].to_numpy()
    sizes = (int(in_group.sum()), int((~in_group).sum()))
    own = np.arange(n_cities)

    def difference(method):
        comparison = GroupComparison.from_frame(data, "y", "x", "group", CONTROLS)
        return DIFFERENCES[method](comparison, DRAWS, _rng())

    def placebo():
        donors = permute_labels(own, DRAWS, _rng())
        products = PlaceboProducts.from_frame(data, "y", paths, CONTROLS)
        return products.coefficients(donors).of("treatment")

    return [
        Scheme(
            "bootstrap of cities, group difference",
            lambda: difference("city_bootstrap"),
            lambda loops: loops.bootstrap(bootstrap_cities(n_cities, DRAWS, _rng())),
            bar=500,
        ),
        Scheme(
            "permutation of city labels, group difference",
            lambda: difference("city_permutation"),
            lambda loops: loops.label_permutation(permute_labels(labels, DRAWS, _rng())),
            bar=300,
        ),
        Scheme(
            "jackknife over cities",
            lambda: jackknife_cities(_products(data)).draws.of("x"),
            lambda loops: loops.jackknife(),
            draws=n_cities,
            bar=200,
        ),
        Scheme(
            "placebo treatment dates",
            placebo,
            lambda loops: loops.placebo(paths, permute_labels(own, DRAWS, _rng())),
            bar=50,
        ),
        Scheme(
            "wild cluster bootstrap, restricted",
            lambda: wild_cluster_bootstrap(_products(data), draws=DRAWS, seed=SEED).t_draws,
            lambda loops: loops.wild(wild_weights(n_cities, DRAWS, _rng())),
        ),
        Scheme(
            "bootstrap of rows, group difference",
            lambda: difference("row_bootstrap"),
            lambda loops: loops.row_bootstrap(*bootstrap_rows(n_rows, sizes, DRAWS, _rng())),
        ),
        Scheme(
            "permutation of row labels, group difference",
            lambda: difference("row_permutation"),
            lambda loops: loops.row_labels(permute_labels(in_group, DRAWS, _rng())),
        ),
    ]


def _beside_wildboottest(data, quick, progress):
    # Most of the true coefficient of 0.3 is taken off, so that the p-value is not just zero.
    data = data.assign(y=data["y"] - 0.27 * data["x"])
    try:
        peers = {
            "a dummy per city": WildBootTest(data, dummies=True),
            "city means taken off by hand": WildBootTest(data, dummies=False),
        }
    except ImportError:
        return "wildboottest not installed: its comparison is skipped.", [], []
    rows, bars = [], []
    for draws in (DRAWS,) if quick else (DRAWS, 9999):
        result, ours = _median_time(
            lambda d=draws: wild_cluster_bootstrap(_products(data), draws=d, seed=SEED), 5
        )
        for name, peer in peers.items():
            peer.p_value(99)  # the first call compiles
            p_value, theirs = _median_time(lambda p=peer, d=draws: p.p_value(d), 3)
            progress(f"wildboottest, {name}, {draws} draws: {times(ratio(theirs, ours))}")
            rows.append(
                {
                    "wildboottest with": name,
                    "draws": str(draws),
                    "this library": seconds(ours),
                    "wildboottest": seconds(theirs),
                    "ratio": times(ratio(theirs, ours)),
                    "p, this library": f"{result.p_two_sided:.4f}",
                    "p, wildboottest": f"{p_value:.4f}",
                }
            )
            if name == "a dummy per city" and draws == DRAWS:
                bars = [Bar("wild bootstrap, wildboottest", ratio(theirs, ours), 30, False)]
    return "wildboottest draws signs of its own: p-values agree up to simulation.", rows, bars


def _products(data: pd.DataFrame) -> CityCrossProducts:
    return CityCrossProducts.from_frame(data, "y", REGRESSORS)


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _take(values: Iterator[float], count: int) -> np.ndarray:
    return np.array(list(itertools.islice(values, count)))


def _timed(work: Callable):
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def _median_time(work: Callable, repeats: int):
    runs = [_timed(work) for _ in range(repeats)]
    return runs[0][0], statistics.median(run[1] for run in runs)
