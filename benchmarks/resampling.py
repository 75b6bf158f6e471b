"""Resampling and the specification curve beside loops of feols, and beside wildboottest.

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
from benchmarks.resampling_peers import (
    CONTROLS,
    EXACT,
    REGRESSORS,
    FeolsLoops,
    PanelOlsLoops,
    WildBootTest,
)
from benchmarks.synthetic_panels import make_panel
from urban_resilience.estimation.estimators.group_differences import DRAWS_OF as DIFFERENCES
from urban_resilience.estimation.estimators.group_differences import GroupComparison
from urban_resilience.estimation.estimators.specification_curve import fit_specification_curve
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
# Loops of one coefficient over whole cities; linearmodels refuses a city-year that stands twice.
ALSO_LINEARMODELS = (
    "bootstrap of cities, group difference",
    "permutation of city labels, group difference",
    "jackknife over cities",
    "placebo treatment dates",
)
# Controls of the specification curve: 2^10 regressions.
CURVE_CONTROLS = tuple(f"z{k + 1}" for k in range(10))


@dataclass(frozen=True)
class Scheme:
    """Ours, the loop on the same draws, and the ratio to reach.

    Both give one number per draw, or a coefficient and its standard error. ``data`` is the panel of
    the loops where it is not the common one.
    """

    title: str
    ours: Callable[[], np.ndarray]
    loop: Callable[[FeolsLoops], Iterator]
    draws: int = DRAWS
    bar: float | None = None
    data: pd.DataFrame | None = None


def run(workspace: Workspace, quick: bool, progress: Callable[[str], None]) -> Section:
    """Time every scheme and lay the ratios out."""
    data = _panel()
    FeolsLoops(data).first(data)  # the first call compiles
    n_loop, n_agree = (4, 2) if quick else (20, 5)
    rows, bars, record = [], [], {}
    for scheme in (*schemes(data), specification_curve()):
        panel = data if scheme.data is None else scheme.data
        timed, exact = FeolsLoops(panel), FeolsLoops(panel, EXACT)
        values, ours = _median_time(scheme.ours, 5)
        _, loop = _timed(lambda s=scheme, t=timed: _take(s.loop(t), n_loop))
        loop *= scheme.draws / n_loop
        expected = _take(scheme.loop(exact), n_agree)
        distances = np.abs(values[:n_agree] - expected).reshape(n_agree, -1).max(axis=0)
        progress(f"{scheme.title}: {times(ratio(loop, ours))}")
        rows.append(
            {
                "scheme": scheme.title,
                "draws": str(scheme.draws),
                "this library": seconds(ours),
                "loop of feols": seconds(loop),
                "ratio": times(ratio(loop, ours)),
                "loop of linearmodels": _beside_linearmodels(scheme, panel, n_loop, ours),
                "largest distance": f"{distances.max():.0e}",
            }
        )
        record[scheme.title] = {"ours": ours, "loop": loop, "distance": float(distances[0])}
        if len(distances) > 1:
            record[scheme.title]["std_error_distance"] = float(distances[1])
            of_errors = f"distance of standard errors, {scheme.title}"
            bars.append(Bar(of_errors, float(distances[1]), 1e-10, unit=""))
        if scheme.bar:
            bars.append(Bar(scheme.title, ratio(loop, ours), scheme.bar, at_most=False))
    bars.append(Bar("largest distance", max(r["distance"] for r in record.values()), 1e-8, unit=""))
    paragraph, wild_rows, wild_bars = _beside_wildboottest(data, quick, progress)
    return Section(
        name="resampling",
        title="Resampling and specification curve: all draws at once, beside a loop of feols",
        paragraphs=[
            f"{len(data)} rows of {data['city_code'].nunique()} cities, {len(REGRESSORS)} "
            f"regressors, city and year effects. Loops: {n_loop} draws, scaled. Distance: of "
            "coefficients (of t for the wild bootstrap) on the same draws. The specification curve "
            f"is of {len(CURVE_CONTROLS)} controls, standard errors clustered on both sides; its "
            "loop takes choices at random.",
            paragraph,
        ],
        tables=[("Beside loops of feols", rows), ("Beside wildboottest, warm", wild_rows)],
        bars=[*bars, *wild_bars],
        data={"schemes": record},
    )


def _beside_linearmodels(scheme: Scheme, panel: pd.DataFrame, n_loop: int, ours: float) -> str:
    if scheme.title not in ALSO_LINEARMODELS:
        return "-"
    _, loop = _timed(lambda: _take(scheme.loop(PanelOlsLoops(panel)), n_loop))
    loop *= scheme.draws / n_loop
    return f"{seconds(loop)} ({times(ratio(loop, ours))})"


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


def specification_curve() -> Scheme:
    """Every choice of controls, in random order so that the loop's first are of all sizes."""
    data = _panel(len(CURVE_CONTROLS))
    order = _rng().permutation(2 ** len(CURVE_CONTROLS))

    def points():
        return fit_specification_curve(
            data,
            outcome="y",
            treatment="x",
            controls=CURVE_CONTROLS,
            fixed_effects=("year", "city_code"),
            clusters=("city_code",),
        ).points

    choices = [point.controls for point in points()]
    return Scheme(
        "specification curve",
        lambda: np.array([(point.estimate, point.std_error) for point in points()])[order],
        lambda loops: loops.specifications([choices[k] for k in order]),
        draws=len(choices),
        bar=400,
        data=data,
    )


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
            runs = [peer.p_value(draws) for _ in range(3)]  # one seed, so one p-value
            p_value, theirs, compiling = np.median(runs, axis=0)
            progress(f"wildboottest, {name}, {draws} draws: {times(ratio(theirs, ours))}")
            rows.append(
                {
                    "wildboottest with": name,
                    "draws": str(draws),
                    "this library": seconds(ours),
                    "wildboottest": seconds(theirs),
                    "its compiling": seconds(compiling),
                    "ratio": times(ratio(theirs, ours)),
                    "p, this library": f"{result.p_two_sided:.4f}",
                    "p, wildboottest": f"{p_value:.4f}",
                }
            )
            if name == "a dummy per city" and draws == DRAWS:
                bars = [Bar("wild bootstrap, wildboottest", ratio(theirs, ours), 30, False)]
    paragraph = (
        "wildboottest draws signs of its own: p-values agree up to simulation. It compiles at "
        "every call, which is left out of its time and of the ratio."
    )
    return paragraph, rows, bars


def _panel(n_controls: int = len(CONTROLS)) -> pd.DataFrame:
    panel = make_panel(np.random.default_rng(SEED), n_controls)
    return panel.sort_values(["city_code", "year"], ignore_index=True)


def _products(data: pd.DataFrame) -> CityCrossProducts:
    return CityCrossProducts.from_frame(data, "y", REGRESSORS)


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _take(values: Iterator, count: int) -> np.ndarray:
    return np.array(list(itertools.islice(values, count)))


def _timed(work: Callable):
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def _median_time(work: Callable, repeats: int):
    runs = [_timed(work) for _ in range(repeats)]
    return runs[0][0], statistics.median(run[1] for run in runs)
