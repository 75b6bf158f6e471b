"""Least squares with absorbed effects and clustered standard errors, one regression at a time."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pyfixest as pf

from urban_resilience.estimation.absorption import ABSORBED_SHARE, residualize, surviving_share
from urban_resilience.estimation.results import Coefficient, Fit
from urban_resilience.estimation.specs import RegressionSpec, select_sample

MIN_OBSERVATIONS = 10
MIN_CLUSTERS = 2
# pyfixest visits the effects in the order of a set, which changes from one process to the next: at
# its own tolerance (1e-6) standard errors then differ in the seventh digit. Its tolerances are
# absolute, so columns are brought to one scale first.
DEMEANING_TOLERANCE = 1e-12


def fit_specification(spec: RegressionSpec, panel: pd.DataFrame) -> Fit:
    """Estimate one regression on the panel.

    Standard errors are clustered (CRV1) with the small-sample factor
    G/(G-1) x (N-1)/(N-K); K counts the slopes, the constant and every absorbed effect that is not
    nested in the clusters. p-values and 95% intervals use t(G-1).

    Parameters
    ----------
    spec
        The regression; its columns must exist in ``panel`` (see ``validate_specs``).
    panel
        City-years x variables.

    Returns
    -------
    Fit
        ``status`` is ``not_estimable`` with a reason in words where the data cannot carry the
        regression; never an exception for what the data lack.
    """
    sample = _without_infinite(select_sample(panel, spec.sample_filter), spec)
    unavailable = [name for name in spec.columns if sample[name].isna().all()]
    if len(sample) and unavailable:
        return _not_estimable(f"no value in the sample: {', '.join(unavailable)}")
    sample = sample.dropna(subset=list(spec.columns))
    frame, effects = estimation_frame(spec, sample)
    reason = _reason_against(spec, frame, effects)
    if reason:
        return _not_estimable(reason, n_obs=len(sample))
    scale = _scale(spec, frame)
    try:
        model = _fit(spec, _standardized(frame, scale, is_centred=bool(effects)), effects)
    except ValueError as error:
        # Effects that hardly overlap can keep the demeaning from converging.
        if "Demeaning failed" not in str(error):
            raise
        return _not_estimable(str(error), n_obs=len(sample))
    return _read(spec, model, scale, rows_offered=len(sample))


def _fit(spec: RegressionSpec, frame: pd.DataFrame, effects: tuple[str, ...]) -> pf.Feols:
    with warnings.catch_warnings():
        # Singletons are counted in the result; a warning per fit would drown the build's log.
        warnings.filterwarnings("ignore", message=".*singleton")
        return pf.feols(
            _formula(spec, effects),
            data=frame,
            vcov={"CRV1": "+".join(spec.clusters)},
            fixef_rm="singleton",
            fixef_tol=DEMEANING_TOLERANCE,
        )


def estimation_frame(
    spec: RegressionSpec, sample: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Columns of a regression as numbers, and its effects in the order pyfixest counts right.

    Joined effects (``province^year``) become a column of their own. An effect that a finer one
    spans, as city effects span those of provinces, is left out: it changes nothing and must not
    cost degrees of freedom. Effects nested in a cluster come last: pyfixest 0.60 counts no degrees
    of freedom for any effect when the first is nested.
    """
    frame = sample[list(spec.columns)].copy()
    for name in (spec.outcome, *spec.regressors):
        frame[name] = frame[name].astype(float)
    names = []
    for effect in spec.fixed_effects:
        name = effect.replace("^", "_by_")
        if name != effect:
            frame[name] = frame[effect.split("^")].astype(str).agg(" ".join, axis=1)
        names.append(name)
    names = _without_spanned(frame, names)
    return frame, tuple(sorted(names, key=lambda name: (_is_nested(frame, name, spec), name)))


def _without_infinite(sample: pd.DataFrame, spec: RegressionSpec) -> pd.DataFrame:
    """Count an infinite value as a missing one."""
    numbers = list(dict.fromkeys((spec.outcome, *spec.regressors)))
    return sample.assign(
        **{
            name: sample[name].astype("Float64").replace([np.inf, -np.inf], pd.NA)
            for name in numbers
        }
    )


def _without_spanned(frame: pd.DataFrame, effects: list[str]) -> list[str]:
    kept: list[str] = []
    for effect in sorted(effects, key=lambda name: -frame[name].nunique()):
        if not any(_lies_in(frame, finer, effect) for finer in kept):
            kept.append(effect)
    return kept


def _is_nested(frame: pd.DataFrame, effect: str, spec: RegressionSpec) -> bool:
    return any(_lies_in(frame, effect, cluster) for cluster in spec.clusters)


def _lies_in(frame: pd.DataFrame, fine: str, coarse: str) -> bool:
    """Whether each level of one column lies in a single level of another."""
    return frame.groupby(fine, observed=True)[coarse].nunique().max() == 1


def _scale(spec: RegressionSpec, frame: pd.DataFrame) -> pd.Series:
    """Take the standard deviation of each variable; its ratio brings slopes back to units."""
    return frame[list(dict.fromkeys((spec.outcome, *spec.regressors)))].std()


def _standardized(frame: pd.DataFrame, scale: pd.Series, is_centred: bool) -> pd.DataFrame:
    values = frame[scale.index]
    # Without effects there is a constant to estimate, so means must stay.
    values = values - values.mean() if is_centred else values
    return frame.assign(**(values / scale))


def _formula(spec: RegressionSpec, effects: tuple[str, ...]) -> str:
    absorbed = f" | {' + '.join(effects)}" if effects else ""
    return f"{spec.outcome} ~ {' + '.join(spec.regressors)}{absorbed}"


def _reason_against(
    spec: RegressionSpec, sample: pd.DataFrame, effects: tuple[str, ...]
) -> str | None:
    if len(sample) < MIN_OBSERVATIONS:
        return f"{len(sample)} usable rows in the sample, {MIN_OBSERVATIONS} are needed"
    for cluster in spec.clusters:
        count = sample[cluster].nunique()
        if count < MIN_CLUSTERS:
            return f"{count} cluster of {cluster}, {MIN_CLUSTERS} are needed"
    for name in (spec.outcome, *spec.regressors):
        values = sample[name].astype(float)
        # Relative to the variable's own size: its unit must not decide.
        rounding = 1e-10 * values.abs().max()
        if values.max() - values.min() <= rounding:
            return f"{name} does not vary in the sample"
        for effect in effects:
            within = values - values.groupby(sample[effect]).transform("mean")
            if within.abs().max() <= rounding:
                return f"{name} does not vary within {effect}, whose effects absorb it"
    absorbed = _absorbed(spec, sample, effects)
    if absorbed:
        return f"the effects of {' and '.join(effects)} together absorb {', '.join(absorbed)}"
    return None


def _absorbed(spec: RegressionSpec, sample: pd.DataFrame, effects: tuple[str, ...]) -> list[str]:
    """Variables that are a sum of the effects: pyfixest raises where no regressor is left."""
    names = [spec.outcome, *spec.regressors]
    values, weights = sample[names].to_numpy(dtype=float), np.ones(len(sample))
    codes = [sample.groupby(effect).ngroup().to_numpy() for effect in effects]
    left = surviving_share(values, residualize(values, codes, weights), weights)
    return [name for name, share in zip(names, left, strict=True) if share < ABSORBED_SHARE]


def _read(spec: RegressionSpec, model: pf.Feols, scale: pd.Series, rows_offered: int) -> Fit:
    table = model.tidy(alpha=0.05)
    lost = [name for name in spec.regressors if name not in table.index]
    if lost:
        return _not_estimable(f"collinear with other regressors or effects: {', '.join(lost)}")
    unknown = [str(term) for term in table.index[~np.isfinite(table["Std. Error"])]]
    if unknown:
        # Two-way clustering subtracts: with few clusters a variance can come out negative.
        return _not_estimable(f"no positive clustered variance: {', '.join(unknown)}")
    # The constant belongs to no variable: it is in units of the outcome alone.
    unit = scale[spec.outcome] / scale.reindex(table.index).fillna(1.0)
    in_units = table[["Estimate", "Std. Error", "2.5%", "97.5%"]].mul(unit, axis=0)
    table = table.assign(**in_units)
    coefficients = tuple(
        Coefficient(
            term=str(term),
            estimate=float(row["Estimate"]),
            std_error=float(row["Std. Error"]),
            statistic=float(row["t value"]),
            p_value=float(row["Pr(>|t|)"]),
            conf_low=float(row["2.5%"]),
            conf_high=float(row["97.5%"]),
        )
        for term, row in table.iterrows()
    )
    return Fit(
        status="estimated",
        n_obs=int(model._N),
        n_clusters=int(np.min(model._G)),
        n_singletons=rows_offered - int(model._N),
        r2=float(model._r2),
        r2_within=float(model._r2_within) if spec.fixed_effects else None,
        vcov_type=f"CRV1 {spec.cluster}",
        coefficients=coefficients,
    )


def _not_estimable(reason: str, n_obs: int | None = None) -> Fit:
    return Fit(status="not_estimable", reason=reason, n_obs=n_obs)
