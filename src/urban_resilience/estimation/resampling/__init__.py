"""Resampling of fixed-effects regressions on city panels: exact, in bulk, failures counted.

One interface: cross-products are made once (:class:`CityCrossProducts` where whole cities are
reweighted, :class:`RowCrossProducts` where a scheme cuts inside a city, :class:`PlaceboProducts`
where treatments are exchanged), a scheme gives one row of weights or labels per draw, and
``coefficients`` returns one row of coefficients per draw.
"""

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.resampling.city_products import CityCrossProducts
from urban_resilience.estimation.resampling.clustered import ClusteredFit, fit_clustered
from urban_resilience.estimation.resampling.draw_result import DrawResult
from urban_resilience.estimation.resampling.empirical_p import (
    EmpiricalP,
    empirical_p,
    percentile_interval,
)
from urban_resilience.estimation.resampling.jackknife import Jackknife, jackknife_cities
from urban_resilience.estimation.resampling.panel_arrays import PanelArrays, complete_panel
from urban_resilience.estimation.resampling.placebo import (
    Placebo,
    PlaceboProducts,
    placebo_treatment,
    treatment_paths,
)
from urban_resilience.estimation.resampling.row_products import RowCrossProducts
from urban_resilience.estimation.resampling.schemes import (
    bootstrap_cities,
    bootstrap_rows,
    leave_one_out,
    period_strata,
    permute_histories,
    permute_labels,
    wild_weights,
)
from urban_resilience.estimation.resampling.wild import (
    WildBootstrap,
    wild_cluster_bootstrap,
    wild_interval,
)

__all__ = [
    "CityCrossProducts",
    "ClusteredFit",
    "DrawResult",
    "EmpiricalP",
    "Jackknife",
    "NotEstimableError",
    "PanelArrays",
    "Placebo",
    "PlaceboProducts",
    "RowCrossProducts",
    "WildBootstrap",
    "bootstrap_cities",
    "bootstrap_rows",
    "complete_panel",
    "empirical_p",
    "fit_clustered",
    "jackknife_cities",
    "leave_one_out",
    "percentile_interval",
    "period_strata",
    "permute_histories",
    "permute_labels",
    "placebo_treatment",
    "treatment_paths",
    "wild_cluster_bootstrap",
    "wild_interval",
    "wild_weights",
]
