"""Geographic agglomeration (``agg``): industrial firms above the size threshold per km2."""

from __future__ import annotations

import numpy as np

from urban_resilience.formulas.panel import ratio


def geographic_agglomeration(
    above_scale_industrial_firms: np.ndarray, land_area_km2: np.ndarray
) -> np.ndarray:
    """Firms per km2, shape (n_cities, n_years); missing where the area is zero or missing."""
    return ratio(above_scale_industrial_firms, land_area_km2)
