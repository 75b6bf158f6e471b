"""What one would write instead of the resampling library: loops of feols, and wildboottest.

Every loop is a generator, so that a run takes as many draws as it can afford. Coefficients only
where only those are wanted, and no data stored: the loops are not slowed on purpose.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import pyfixest as pf
from linearmodels.panel import PanelOLS
from pyfixest.demeaners import MapDemeaner

REGRESSORS = ("x", "z1", "z2", "z3", "z4", "z5", "z6")
CONTROLS = REGRESSORS[1:]
# Alternating projections stop at 1e-6 unless told otherwise; agreement is measured beyond that.
EXACT = MapDemeaner(fixef_tol=1e-12)


class FeolsLoops:
    """Loops over draws of one panel.

    Parameters
    ----------
    data : pandas.DataFrame
        Panel sorted by city and year.
    demeaner : pyfixest demeaner or None
        pyfixest's default, or an exact one to compare numbers with.
    """

    def __init__(self, data: pd.DataFrame, demeaner=None):
        self.data = data
        self.demeaner = demeaner
        self.units = np.sort(data["city_code"].unique())
        codes = pd.factorize(data["city_code"], sort=True)[0]
        self.codes = codes
        self.rows_of = [np.flatnonzero(codes == city) for city in range(len(self.units))]

    def fit(self, data, regressors=REGRESSORS, city="city_code", vcov="iid"):
        """One regression."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pf.feols(
                f"y ~ {' + '.join(regressors)} | year + {city}",
                data=data,
                vcov=vcov,
                copy_data=False,
                store_data=False,
                lean=True,
                demeaner=self.demeaner,
            )

    def first(self, data, city="city_code", regressors=REGRESSORS) -> float:
        """Coefficient of the treatment."""
        return self.fit(data, regressors, city).coef()[regressors[0]]

    def bootstrap(self, weights: np.ndarray) -> Iterator[float]:
        """Difference between groups in samples of cities, copies under names of their own."""
        for draw in weights.astype(int):
            cities = np.repeat(np.arange(len(draw)), draw)
            rows = np.concatenate([self.rows_of[city] for city in cities])
            copies = np.repeat(np.arange(len(cities)), [len(self.rows_of[c]) for c in cities])
            sample = self.data.iloc[rows].assign(copy=copies)
            in_1 = sample["group"].to_numpy()
            yield self.first(sample[in_1], "copy") - self.first(sample[~in_1], "copy")

    def label_permutation(self, labels: np.ndarray) -> Iterator[float]:
        """Difference between groups of cities."""
        yield from self.row_labels(labels[:, self.codes])

    def row_labels(self, labels: np.ndarray) -> Iterator[float]:
        """Difference between groups of rows."""
        for draw in labels:
            yield self.first(self.data[draw]) - self.first(self.data[~draw])

    def row_bootstrap(self, group_1: np.ndarray, group_0: np.ndarray) -> Iterator[float]:
        """Difference between two samples of rows."""
        index = np.arange(len(self.data))
        for draw in zip(group_1.astype(int), group_0.astype(int), strict=True):
            one, zero = (self.data.iloc[np.repeat(index, counts)] for counts in draw)
            yield self.first(one) - self.first(zero)

    def jackknife(self) -> Iterator[float]:
        """Coefficient without each city."""
        for city in range(len(self.units)):
            yield self.first(self.data[self.codes != city])

    def placebo(self, paths: pd.DataFrame, donors: np.ndarray) -> Iterator[float]:
        """Coefficient of exchanged treatment paths."""
        held = paths.loc[self.units].to_numpy()
        years = self.data["year"].to_numpy() - paths.columns[0]
        for draw in donors:
            data = self.data.assign(d=held[draw[self.codes], years])
            yield self.first(data, regressors=("d", *CONTROLS))

    def wild(self, signs: np.ndarray) -> Iterator[float]:
        """T statistic of outcomes built from restricted residuals."""
        residual = self._restricted_residual()
        # A copy of the cluster: under the name of an effect, pyfixest 0.60 may miscount it.
        data = self.data.assign(cluster=self.data["city_code"])
        for draw in signs:
            built = data.assign(y=data["y"] + (draw[self.codes] - 1) * residual)
            yield self.fit(built, vcov={"CRV1": "cluster"}).tstat()["x"]

    def specifications(self, choices: Sequence[Sequence[str]]) -> Iterator[tuple[float, float]]:
        """Coefficient and clustered standard error of the treatment, per choice of controls."""
        data = self.data.assign(cluster=self.data["city_code"])
        for controls in choices:
            model = self.fit(data, ("x", *controls), vcov={"CRV1": "cluster"})
            yield model.coef()["x"], model.se()["x"]

    def _restricted_residual(self) -> np.ndarray:
        within = within_city_design(self.data, CONTROLS)
        y = self.data["y"].to_numpy()
        y = y - self.data["y"].groupby(self.codes).transform("mean").to_numpy()
        return y - within @ np.linalg.lstsq(within, y, rcond=1e-10)[0]


def within_city_design(data: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    """Columns and year dummies (less one) with city means taken off."""
    years = pd.get_dummies(data["year"], dtype=float).iloc[:, 1:].set_axis(range(11), axis=1)
    design = pd.concat([data[list(columns)], years], axis=1)
    return (design - design.groupby(data["city_code"].to_numpy()).transform("mean")).to_numpy()


class PanelOlsLoops(FeolsLoops):
    """The same loops with linearmodels, for those that only want the treatment's coefficient."""

    def first(self, data, city="city_code", regressors=REGRESSORS) -> float:
        """Coefficient of the treatment."""
        indexed = data.set_index([city, "year"])
        model = PanelOLS(
            indexed["y"], indexed[list(regressors)], entity_effects=True, time_effects=True
        )
        return model.fit(cov_type="unadjusted").params[regressors[0]]


class WildBootTest:
    """wildboottest on the same regression.

    Parameters
    ----------
    data : pandas.DataFrame
    dummies : bool
        With a dummy per city, as the package is used; or, as a favour that takes the algebra of
        this library by hand, with city means taken off before.

    Raises
    ------
    ImportError
        The package is not installed.
    """

    def __init__(self, data: pd.DataFrame, dummies: bool):
        import statsmodels.api as sm
        from wildboottest.wildboottest import wildboottest

        self.function = wildboottest
        self.clusters = pd.factorize(data["city_code"], sort=True)[0]
        if dummies:
            effects = [data["year"].astype(str), data["city_code"]]
            design = pd.concat(
                [
                    data[list(REGRESSORS)],
                    *(pd.get_dummies(e, dtype=float).iloc[:, 1:] for e in effects),
                ],
                axis=1,
            ).assign(constant=1.0)
            outcome = data["y"]
        else:
            design = pd.DataFrame(within_city_design(data, REGRESSORS))
            design.columns = [*REGRESSORS, *(f"year_{k}" for k in range(design.shape[1] - 7))]
            outcome = data["y"] - data.groupby("city_code")["y"].transform("mean")
        self.model = sm.OLS(outcome.reset_index(drop=True), design.reset_index(drop=True))

    def p_value(self, draws: int, seed: int = 1) -> tuple[float, float, float]:
        """Two-sided p-value of the treatment, null imposed, with seconds at work and compiling.

        The package's inner loop is made inside a method, so that numba compiles it at every call:
        only without that is it warm.
        """
        from numba.core.event import install_timer

        compiling = []
        began = time.perf_counter()
        with warnings.catch_warnings(), install_timer("numba:compile", compiling.append):
            warnings.simplefilter("ignore")
            table = self.function(
                self.model, B=draws, cluster=self.clusters, param="x", seed=seed, show=False
            )
        elapsed = time.perf_counter() - began
        return float(table["p-value"].iloc[0]), elapsed - sum(compiling), sum(compiling)
