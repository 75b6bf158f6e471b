"""Inference on one coefficient by resampling: bootstrap, wild bootstrap, jackknife, placebo.

All of them stand on the regression's own sample, drawn once by ``draw_sample``: a city or cluster
whose rows the regression drops is neither drawn, left out, nor counted. Each function takes a
specification and returns one row per method. The clustered t test (``cluster_t``) stands first
wherever a method replaces its p-value, so that both can be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from urban_resilience.estimation.estimators.treatment_timing import TREATED, TREATMENT_YEAR
from urban_resilience.estimation.fit import picked
from urban_resilience.estimation.least_squares.inference import make_coefficient, perfect_fit_reason
from urban_resilience.estimation.least_squares.linear_model import fit_linear
from urban_resilience.estimation.least_squares.regression_sample import (
    RegressionSample,
    draw_sample,
)
from urban_resilience.estimation.regression_spec import CITY, RegressionSpec
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    NotEstimableError,
    Placebo,
    bootstrap_cities,
    jackknife_cities,
    percentile_interval,
    placebo_treatment,
    treatment_paths,
    wild_cluster_bootstrap,
    wild_interval,
)
from urban_resilience.estimation.selection import select_sample

YEAR = "year"
WILD_WEIGHTS = ("rademacher", "webb")


@dataclass(frozen=True)
class ResampledInference:
    """One coefficient by one method; fields that the method does not give are None.

    Attributes
    ----------
    method
        ``cluster_t``, ``city_bootstrap``, ``wild_rademacher``, ``wild_webb``, ``jackknife`` or
        ``placebo``.
    estimate, std_error, statistic
        Coefficient, its standard error by the method (CRV1 for the wild bootstrap, CV3 for the
        jackknife), and the t statistic.
    p_greater, p_less, p_two_sided
        One-sided and two-sided p-values.
    conf_low, conf_high
        95% interval; None where the wild bootstrap's has no end on that side.
    n_obs, n_clusters, n_singletons
        Rows without singletons, clusters among them, and singletons left out.
    draws, failed_draws, seed
        How the draws were made; a jackknife makes one per cluster.
    n_without_path
        Of a placebo: cities of the sample that take no part, since their path has a gap.
    lowest_estimate, lowest_without, highest_estimate, highest_without
        Of a jackknife: the extremes, and the cluster whose absence gives them.
    """

    method: str
    estimate: float
    n_obs: int
    n_clusters: int
    n_singletons: int
    std_error: float | None = None
    statistic: float | None = None
    p_greater: float | None = None
    p_less: float | None = None
    p_two_sided: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    draws: int | None = None
    failed_draws: int | None = None
    seed: int | None = None
    n_without_path: int | None = None
    lowest_estimate: float | None = None
    lowest_without: str | None = None
    highest_estimate: float | None = None
    highest_without: str | None = None


def infer_by_bootstrap(spec: RegressionSpec, panel: pd.DataFrame) -> list[ResampledInference]:
    """Draw whole cities with replacement: standard deviation and percentiles of the coefficient."""
    sample, products, _ = _cities(spec, panel)
    baseline = _cluster_t(sample, spec)
    draws, seed = spec.drawing
    weights = bootstrap_cities(len(products.units), draws, np.random.default_rng(seed))
    drawn = products.coefficients(weights)
    values = drawn.of(spec.treatment)
    low, high = percentile_interval(values)
    # The interval is that of the percentiles; the test divides by the standard deviation of draws.
    deviation = float(np.nanstd(values, ddof=1))
    tested = _t_test(baseline.estimate, deviation, baseline.n_clusters)
    tests = ("std_error", "statistic", "p_greater", "p_less", "p_two_sided")
    return [
        baseline,
        ResampledInference(
            method="city_bootstrap",
            **_shared(baseline),
            **{name: tested[name] for name in tests},
            conf_low=low,
            conf_high=high,
            draws=draws,
            failed_draws=drawn.n_singular,
            seed=seed,
        ),
    ]


def infer_by_wild_bootstrap(spec: RegressionSpec, panel: pd.DataFrame) -> list[ResampledInference]:
    """Restricted wild cluster bootstrap with two kinds of signs (Cameron, Gelbach, Miller 2008).

    With few clusters, or clusters of very different size, t(G-1) rejects too often; Webb's (2023)
    six-point signs are for fewer than about a dozen clusters.
    """
    sample, products, clusters = _cities(spec, panel)
    baseline = _cluster_t(sample, spec)
    rows = [baseline]
    draws, seed = spec.drawing
    for weights in WILD_WEIGHTS:
        options: dict[str, Any] = {"clusters": clusters, "draws": draws, "seed": seed}
        test = wild_cluster_bootstrap(products, weights=weights, **options)
        low, high = wild_interval(products, weights=weights, **options)
        rows.append(
            ResampledInference(
                method=f"wild_{weights}",
                **_shared(baseline),
                std_error=test.std_error,
                statistic=test.t_statistic,
                p_greater=test.p_greater,
                p_less=test.p_less,
                p_two_sided=test.p_two_sided,
                conf_low=low if np.isfinite(low) else None,
                conf_high=high if np.isfinite(high) else None,
                draws=test.draws,
                failed_draws=test.failed_draws,
                seed=test.seed,
            )
        )
    return rows


def infer_by_jackknife(spec: RegressionSpec, panel: pd.DataFrame) -> list[ResampledInference]:
    """Leave each cluster out: CV3 standard error with t(G-1), and who moves the estimate most."""
    sample, products, clusters = _cities(spec, panel)
    baseline = _cluster_t(sample, spec)
    jackknife = jackknife_cities(products, clusters)
    values = jackknife.draws.of(spec.treatment)
    at = list(jackknife.draws.names).index(spec.treatment)
    lowest, highest = int(values.argmin()), int(values.argmax())
    return [
        baseline,
        ResampledInference(
            method="jackknife",
            n_obs=baseline.n_obs,
            n_clusters=len(values),
            n_singletons=baseline.n_singletons,
            draws=len(values),
            failed_draws=0,
            lowest_estimate=float(values[lowest]),
            lowest_without=str(jackknife.units[lowest]),
            highest_estimate=float(values[highest]),
            highest_without=str(jackknife.units[highest]),
            **_t_test(baseline.estimate, float(jackknife.std_errors[at]), len(values)),
        ),
    ]


def infer_by_placebo(
    spec: RegressionSpec, sample: pd.DataFrame, panel: pd.DataFrame
) -> tuple[list[ResampledInference], Placebo]:
    """Shuffle the treatment's paths over cities (a randomization test of no effect at all).

    Parameters
    ----------
    spec
        The regression.
    sample
        Its rows; for a policy coded by ``code_treatment``.
    panel
        All city-years: the years in which a city can hold another's path. Cities whose own path
        has a gap there take no part, in neither row.
    """
    paths = _paths(spec, sample, panel)
    # A city whose path has a gap could not lend it to a city that is seen in that year.
    has_path = sample[CITY].isin(paths.index[paths.notna().all(axis=1)])
    without_path: dict[str, Any] = {"n_without_path": int(sample.loc[~has_path, CITY].nunique())}
    drawn = _draw(spec, sample[has_path])
    baseline = replace(_cluster_t(drawn, spec), **without_path)
    draws, seed = spec.drawing
    placebo = placebo_treatment(
        drawn.frame,
        spec.outcome,
        paths,
        spec.controls,
        spec.effects_beside_city,
        draws=draws,
        seed=seed,
    )
    row = ResampledInference(
        method="placebo",
        **_shared(baseline),
        **without_path,
        p_greater=placebo.p_greater,
        p_less=placebo.p_less,
        p_two_sided=placebo.p_two_sided,
        draws=placebo.draws,
        failed_draws=placebo.failed_draws,
        seed=placebo.seed,
    )
    return [baseline, row], placebo


INFERENCE: dict[str, Callable[[RegressionSpec, pd.DataFrame], list[ResampledInference]]] = {
    "bootstrap": infer_by_bootstrap,
    "wild_bootstrap": infer_by_wild_bootstrap,
    "jackknife": infer_by_jackknife,
}


def _draw(spec: RegressionSpec, sample: pd.DataFrame) -> RegressionSample:
    """Draw the rows of the regression."""
    drawn = draw_sample(
        sample,
        numeric=(spec.outcome, *spec.regressors),
        fixed_effects=spec.fixed_effects,
        clusters=spec.clusters,
    )
    if drawn.reason:
        raise NotEstimableError(drawn.reason)
    return drawn


def _cities(
    spec: RegressionSpec, panel: pd.DataFrame
) -> tuple[RegressionSample, CityCrossProducts, np.ndarray | None]:
    """Draw the sample, multiply it, and give each city's cluster unless that is the city."""
    drawn = _draw(spec, select_sample(panel, spec.sample_filter))
    products = CityCrossProducts.from_frame(
        drawn.frame, spec.outcome, spec.regressors, spec.effects_beside_city
    )
    (cluster,) = spec.clusters
    if cluster == CITY:
        return drawn, products, None
    held = drawn.frame.groupby(CITY)[cluster]
    if (held.nunique() > 1).any():
        raise NotEstimableError(f"{cluster} changes within cities, whole cities cannot be drawn")
    return drawn, products, held.first().loc[products.units].to_numpy()


def _cluster_t(sample: RegressionSample, spec: RegressionSpec) -> ResampledInference:
    """Fit the regression itself, by the rules of every other one."""
    model = fit_linear(sample, spec.outcome, spec.regressors)
    fit = model.fit
    reason = fit.reason or perfect_fit_reason(fit, spec.outcome)
    if reason:
        raise NotEstimableError(reason)
    found = fit.coefficients[0]
    return ResampledInference(
        method="cluster_t",
        **picked(fit, "n_obs", "n_clusters", "n_singletons"),
        **_t_test(found.estimate, found.std_error, model.rule.n_clusters),
    )


def _shared(baseline: ResampledInference) -> dict[str, Any]:
    """Pick what every method has in common with the regression."""
    return picked(baseline, "estimate", "n_obs", "n_clusters", "n_singletons")


def _t_test(estimate: float, std_error: float, n_clusters: int) -> dict[str, Any]:
    if not std_error > 0:
        raise NotEstimableError("the clustered standard error is zero")
    freedom = n_clusters - 1
    inferred = make_coefficient("", estimate, std_error**2, freedom)
    return {
        **picked(inferred, "estimate", "std_error", "statistic", "conf_low", "conf_high"),
        "p_greater": float(stats.t.sf(inferred.statistic, freedom)),
        "p_less": float(stats.t.cdf(inferred.statistic, freedom)),
        "p_two_sided": inferred.p_value,
    }


def _paths(spec: RegressionSpec, sample: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    years = sorted(sample[YEAR].unique())
    if spec.treatment == TREATED:
        first = sample.groupby(CITY)[TREATMENT_YEAR].first()
        return treatment_paths(first, years)
    paths = panel.pivot(index=CITY, columns=YEAR, values=spec.treatment)[years]
    return paths.astype("Float64").astype(float)
